using System.Text;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes;

public sealed class RouteTableLoaderFuzzTests
{
    [Fact]
    public void Load_TruncatedAtEveryByte_NeverThrowsAndPlacesEveryFault()
    {
        var whole = File.ReadAllBytes(Repository.PathOf("routes.json"));
        using var folder = new RoutesFolder();

        // every byte of the first part, which has all kinds of token, then a sample: the rest is one long list of texts
        for (var length = 0; length < whole.Length; length += length < 4_000 ? 1 : 37)
        {
            File.WriteAllBytes(folder.RoutesFile, whole[..length]);

            AssertLoadsOrPlacesItsFaults(folder.RoutesFile);
        }
    }

    [Fact]
    public void Load_RandomlyMutated_NeverThrowsAndPlacesEveryFault()
    {
        var whole = Encoding.UTF8.GetBytes(RoutesFolder.Minimal);
        var random = new Random(20261121);
        byte[][] pieces = [.. new[] { "{", "}", "[", "]", ",", ":", "\"", "null", "true", "1e999", "-1", "\\u0000", "\\ud800", "//", "/*", "\"routes\"", "\"id\"", "\"250ms\"", "\0", "é", "\uFEFF" }.Select(Encoding.UTF8.GetBytes), [0xFF], [0xE2, 0x82]];
        using var folder = new RoutesFolder();

        for (var run = 0; run < 3_000; run++)
        {
            var bytes = whole.ToList();
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(bytes.Count);
                bytes.RemoveRange(at, Math.Min(random.Next(0, 12), bytes.Count - at));
                bytes.InsertRange(at, random.Next(3) > 0 ? pieces[random.Next(pieces.Length)] : []);
            }

            File.WriteAllBytes(folder.RoutesFile, [.. bytes]);

            AssertLoadsOrPlacesItsFaults(folder.RoutesFile);
        }
    }

    private static void AssertLoadsOrPlacesItsFaults(string file)
    {
        var result = RouteTableLoader.Load(file);

        Assert.True(result.IsValid || !result.Faults.IsEmpty);
        Assert.All(result.Faults, static f => Assert.True(f.Line >= 1 && f.Column >= 1 && f.Message.Length > 0 && !f.Message.Contains('\n', StringComparison.Ordinal)));
    }
}
