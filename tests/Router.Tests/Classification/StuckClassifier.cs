using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Does not answer until it is released.</summary>
internal sealed class StuckClassifier : IPromptClassifier, IDisposable
{
    private readonly ManualResetEventSlim _released = new();

    public string Device => "cpu";

    public int LargestBatch => 32;

    public int Calls { get; private set; }

    public void Release() => _released.Set();

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results)
    {
        Calls++;
        _released.Wait(TimeSpan.FromSeconds(30));
        new FixedClassifier(0).Classify(batch, results);
    }

    public void Dispose() => _released.Dispose();
}
