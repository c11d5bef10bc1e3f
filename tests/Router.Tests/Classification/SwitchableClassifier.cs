using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Fails, answers with no numbers, or is sure of the first route, as it is told; counts what it is asked.</summary>
internal sealed class SwitchableClassifier : IPromptClassifier
{
    private int _calls;

    public string Device => "cpu";

    public int LargestBatch => 1;

    public volatile bool Fails;

    public volatile bool IsPoisoned;

    public int Calls => Volatile.Read(ref _calls);

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        Interlocked.Increment(ref _calls);
        if (Fails)
        {
            throw new InvalidOperationException("the session is broken");
        }

        IPromptClassifier answering = IsPoisoned ? new NaNClassifier() : new FixedClassifier(0);
        answering.Classify(batch, results);
    }
}
