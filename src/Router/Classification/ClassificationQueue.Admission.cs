using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Classification;

internal sealed partial class ClassificationQueue
{
    private double _msPerText; // moving average; 0 until there is one
    private int _runs;

    private static Task<ClassificationAnswer?> Refuse(DecisionOutcome outcome) => Task.FromResult<ClassificationAnswer?>(new ClassificationAnswer(outcome, default, 0));

    // Who would be late is told now, and does not make others late: a queue that is always full answers everybody too late.
    private DecisionOutcome? WhyNot(TimeSpan deadline) =>
        !_breaker.TryEnter() ? DecisionOutcome.DefaultError
        : AreAllStuck(deadline) ? DecisionOutcome.DefaultTimeout
        : _waiting.Reader.Count * Volatile.Read(ref _msPerText) / _begun.Length > deadline.TotalMilliseconds ? DecisionOutcome.DefaultOverload
        : null;

    // Every thread has been in one run for longer than anybody waits: whoever came now would wait in vain.
    private bool AreAllStuck(TimeSpan deadline)
    {
        foreach (ref var begun in _begun.AsSpan())
        {
            if (Volatile.Read(ref begun) is var since && (since == 0 || _timeProvider.GetElapsedTime(since) <= deadline))
            {
                return false;
            }
        }

        return true;
    }

    private void NoteTime(double msPerText)
    {
        const double Weight = 0.2; // of the newest
        const double MostTimes = 4; // of the average: one run that was stuck says little about the next
        if (Interlocked.Increment(ref _runs) > _begun.Length) // the first runs of each thread are mostly compilation
        {
            var before = Volatile.Read(ref _msPerText);
            Volatile.Write(ref _msPerText, before == 0 ? msPerText : before + (Weight * (Math.Min(msPerText, MostTimes * before) - before)));
        }
    }
}
