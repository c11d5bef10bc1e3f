using System.Diagnostics;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Classification;

/// <summary>A caller that waits for the classifier, until its deadline.</summary>
internal sealed class PendingClassification
{
    private readonly TaskCompletionSource<ClassificationAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _asked = Stopwatch.GetTimestamp();

    public PendingClassification(ClassificationInput input) => Input = input;

    /// <summary>What to classify.</summary>
    public ClassificationInput Input { get; }

    /// <summary>True when nobody waits any more.</summary>
    public bool IsOver => _answer.Task.IsCompleted;

    /// <summary>Waits for the answer; its outcome is <see cref="DecisionOutcome.DefaultTimeout"/> after the deadline.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<ClassificationAnswer> WaitAsync(TimeSpan deadline, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await using var timer = timeProvider.CreateTimer(static pending => ((PendingClassification)pending!).Fail(DecisionOutcome.DefaultTimeout), this, deadline, Timeout.InfiniteTimeSpan);
        await using var left = cancellationToken.UnsafeRegister(static (pending, token) => ((PendingClassification)pending!)._answer.TrySetCanceled(token), this);
        return await _answer.Task;
    }

    /// <summary>Answers, unless the deadline has passed.</summary>
    public void Complete(in Classification classification, long batchStarted) =>
        _answer.TrySetResult(new ClassificationAnswer(DecisionOutcome.Classified, classification, Stopwatch.GetElapsedTime(_asked, batchStarted).TotalMilliseconds));

    /// <summary>Answers with the default route.</summary>
    public void Fail(DecisionOutcome outcome) =>
        _answer.TrySetResult(new ClassificationAnswer(outcome, default, Stopwatch.GetElapsedTime(_asked).TotalMilliseconds));
}
