using System.Diagnostics;
using RouterGateway.Inference.Guidance;

namespace RouterGateway.Inference.Tests.Guidance;

/// <summary>Runs while no other test does: it measures the whole process.</summary>
[CollectionDefinition(nameof(GuideMemoryTests), DisableParallelization = true)]
[Collection(nameof(GuideMemoryTests))]
public sealed class GuideMemoryTests
{
    [Fact]
    public async Task Dispose_TwoThousandGuides_KeepsNoMemory()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        await CreateAndDropAsync(vocabulary, 500);
        var before = ResidentBytes();

        await CreateAndDropAsync(vocabulary, 2000);

        var grownBytes = ResidentBytes() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"grew by {grownBytes >> 10} KiB");
        Assert.InRange(grownBytes, long.MinValue, 64 << 20); // if they leaked it would be some hundred MiB
    }

    private static async Task CreateAndDropAsync(GuidanceVocabulary vocabulary, int guides)
    {
        var logits = new float[GuidedSampler.Tokenizer.VocabularySize];
        for (var i = 0; i < guides; i++)
        {
            using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema(TokenGuideTests.Person));
            guide.Mask(logits);
            GuidedSampler.Accept(guide, "{\"name\": \"a");
            guide.Mask(logits);
        }
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
