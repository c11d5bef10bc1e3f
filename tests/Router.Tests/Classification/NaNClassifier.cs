using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Answers with what a model with broken weights would.</summary>
internal sealed class NaNClassifier : IPromptClassifier
{
    public string Device => "cpu";

    public int LargestBatch => 32;

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            results[i] = new([.. batch[i].Table.Routes.Select(static _ => double.NaN)], 1, false, 0, 0, 0);
        }
    }
}
