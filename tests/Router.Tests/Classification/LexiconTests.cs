using System.Text.Json;
using RouterGateway.Inference;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Classification;

public sealed class LexiconTests
{
    [Fact]
    public void Logits_ReferenceTexts_AreThoseOfTheTraining()
    {
        var folder = Repository.PathOf("models", "router-nano");
        Assert.SkipUnless(File.Exists(Path.Combine(folder, Lexicon.FileName)), "models/router-nano has no lexicon.bin in this checkout");
        var lexicon = Lexicon.TryLoad(folder)!;
        using var reference = JsonDocument.Parse(File.ReadAllBytes(Repository.PathOf("tests", "Golden", "router", "lexicon.json")));
        var logits = new float[lexicon.Features];

        foreach (var row in reference.RootElement.EnumerateArray())
        {
            lexicon.Logits(HeadAndTail.Cut(row.GetProperty("text").GetString()!, 2048), logits);

            Assert.Equal(row.GetProperty("logits").EnumerateArray().Select(static v => v.GetSingle()), logits, static (wanted, found) => Math.Abs(wanted - found) < 1e-3);
        }
    }

    [Fact]
    public void Read_AnyText_IsSmallBesideAnEmbedding()
    {
        using var folder = new RoutesFolder();
        Write(folder, buckets: 4, labels: 2, bias: 100);
        var features = new float[2];

        Lexicon.TryLoad(folder.Root)!.Read("a b c", features);

        Assert.Equal([0.32f, 0.32f], features);
    }

    [Fact]
    public void TryLoad_NoFile_IsNull()
    {
        using var folder = new RoutesFolder();

        Assert.Null(Lexicon.TryLoad(folder.Root));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(35)]
    public void TryLoad_CutFile_NamesFolderAndFile(int length)
    {
        using var folder = new RoutesFolder();
        var path = Write(folder, buckets: 4, labels: 2, bias: 1);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);

        var fault = Assert.Throws<ModelFolderException>(() => Lexicon.TryLoad(folder.Root));

        Assert.Contains(folder.Root, fault.Message, StringComparison.Ordinal);
        Assert.Contains("lexicon.bin", fault.Message, StringComparison.Ordinal);
    }

    private static string Write(RoutesFolder folder, int buckets, int labels, float bias)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("LEX2"u8);
        writer.Write(buckets);
        writer.Write(labels);
        for (var i = 0; i < labels * 3; i++)
        {
            writer.Write(i < labels ? bias : 1f);
        }

        writer.Write(new byte[2 * buckets * labels]);
        var path = Path.Combine(folder.Root, Lexicon.FileName);
        File.WriteAllBytes(path, file.ToArray());
        return path;
    }
}
