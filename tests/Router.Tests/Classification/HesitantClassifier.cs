using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Is sure of the first route, except of texts that begin with "Hm".</summary>
internal sealed class HesitantClassifier : IPromptClassifier
{
    public string Device => "cpu";

    public int LargestBatch => 1;

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            new FixedClassifier(0, batch[i].Text.StartsWith("Hm", StringComparison.Ordinal) ? 0.52 : 0.9).Classify(batch.Slice(i, 1), results.Slice(i, 1));
        }
    }
}
