using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Fails at every text; at preparing too when told so.</summary>
internal sealed class ThrowingClassifier(bool alsoPrepare = false) : IPromptClassifier
{
    public string Device => "cpu";

    public int LargestBatch => 32;

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) =>
        alsoPrepare ? Task.FromException(new InvalidOperationException("the model is broken")) : Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Router.Classification.Classification> results) =>
        throw new InvalidOperationException("the session is broken");
}
