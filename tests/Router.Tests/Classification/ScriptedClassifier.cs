using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Gives the first route the probability that is written for a word in the text; 0.5 without one. Remembers the texts.</summary>
internal sealed class ScriptedClassifier(params (string Word, double Probability)[] script) : IPromptClassifier
{
    public string Device => "cpu";

    public int LargestBatch => 1;

    public List<string> Texts { get; } = [];

    /// <summary>By word; a text that holds none has none.</summary>
    public Dictionary<string, float[]> Embeddings { get; } = [];

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        var text = batch[0].Text;
        Texts.Add(text);
        var probability = script.Where(entry => text.Contains(entry.Word, StringComparison.Ordinal)).Select(static entry => entry.Probability).FirstOrDefault(0.5);
        new FixedClassifier(0, probability).Classify(batch, results);
        results[0] = results[0] with { Embedding = Embeddings.FirstOrDefault(entry => text.Contains(entry.Key, StringComparison.Ordinal)).Value };
    }
}
