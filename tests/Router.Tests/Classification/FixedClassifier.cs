using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Finds the same route likely for every text, and remembers what it was asked.</summary>
internal sealed class FixedClassifier(int routeIndex, double probability = 0.9) : IPromptClassifier
{
    public string Device => "cpu";

    public int LargestBatch => 32;

    public List<string> Texts { get; } = [];

    public List<RouteTable> Prepared { get; } = [];

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken)
    {
        Prepared.Add(table);
        return Task.CompletedTask;
    }

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            Texts.Add(batch[i].Text);
            var routes = batch[i].Table.Routes.Length;
            var others = (1 - probability) / Math.Max(1, routes - 1);
            results[i] = new([.. Enumerable.Range(0, routes).Select(r => r == routeIndex ? probability : others)], 7, false, 1, 2, 3);
        }
    }
}
