using System.Diagnostics;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Classification;

/// <summary>A text that waits for the classifier.</summary>
/// <param name="input">What to classify.</param>
/// <param name="unwanted">Cancelled when nobody waits for it any more.</param>
internal sealed class PendingClassification(ClassificationInput input, CancellationToken unwanted)
{
    private readonly TaskCompletionSource<ClassificationAnswer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _asked = Stopwatch.GetTimestamp();

    /// <summary>What to classify.</summary>
    public ClassificationInput Input { get; } = input;

    /// <summary>The answer; null when nobody wanted it any more before it was its turn.</summary>
    public Task<ClassificationAnswer?> Answer => _answer.Task;

    /// <summary>Gives it up if nobody waits for it any more. What has begun is finished: its answer can still be remembered.</summary>
    public bool TryDrop() => unwanted.IsCancellationRequested && _answer.TrySetResult(null);

    /// <summary>Answers.</summary>
    public void Complete(in Classification classification, long batchStarted) =>
        _answer.TrySetResult(new ClassificationAnswer(DecisionOutcome.Classified, classification, Stopwatch.GetElapsedTime(_asked, batchStarted).TotalMilliseconds));

    /// <summary>Answers with the default route.</summary>
    public void Fail(DecisionOutcome outcome) =>
        _answer.TrySetResult(new ClassificationAnswer(outcome, default, Stopwatch.GetElapsedTime(_asked).TotalMilliseconds));
}
