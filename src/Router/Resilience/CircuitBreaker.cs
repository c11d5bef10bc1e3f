namespace RouterGateway.Router.Resilience;

/// <summary>Keeps callers away from what has failed several times in a row, and lets one at a time try whether it is well again.</summary>
/// <param name="timeProvider">Clock.</param>
/// <param name="failuresToOpen">Failures in a row that open it.</param>
/// <param name="openFor">How long nobody tries; doubled by each probe that fails, up to <paramref name="openAtMost"/>.</param>
/// <param name="openAtMost">Longest time without a probe.</param>
public sealed class CircuitBreaker(TimeProvider timeProvider, int failuresToOpen, TimeSpan openFor, TimeSpan openAtMost)
{
    private readonly TimeSpan _openForAtFirst = openFor;
    private readonly Lock _lock = new();
    private volatile bool _isOpen;
    private bool _isProbing;
    private int _failures;
    private long _probeAt;
    private TimeSpan _openFor = openFor;

    /// <summary>True while callers are kept away.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>True while nobody is let in; false also when the next who asks may try whether it is well again.</summary>
    public bool KeepsAllAway => _isOpen && timeProvider.GetTimestamp() < Volatile.Read(ref _probeAt);

    /// <summary>Asks whether to try. Who is let in reports with <see cref="Succeed"/> or <see cref="Fail"/>; a probe that never does is
    /// followed by another after the same time.</summary>
    public bool TryEnter()
    {
        if (!_isOpen)
        {
            return true;
        }

        lock (_lock)
        {
            if (!_isOpen)
            {
                return true;
            }

            if (timeProvider.GetTimestamp() < _probeAt)
            {
                return false;
            }

            _isProbing = true;
            Wait(); // the next probe, should this one never report
            return true;
        }
    }

    /// <summary>It worked.</summary>
    /// <returns>True when this closed the breaker.</returns>
    public bool Succeed()
    {
        if (!_isOpen && Volatile.Read(ref _failures) == 0)
        {
            return false; // the usual case takes no lock
        }

        lock (_lock)
        {
            var wasOpen = _isOpen;
            (_isOpen, _isProbing, _failures, _openFor) = (false, false, 0, _openForAtFirst);
            return wasOpen;
        }
    }

    /// <summary>It failed.</summary>
    /// <returns>True when this opened the breaker.</returns>
    public bool Fail()
    {
        lock (_lock)
        {
            if (_isOpen)
            {
                if (_isProbing) // else it is one that was let in before, and says nothing new
                {
                    (_isProbing, _openFor) = (false, _openFor * 2 < openAtMost ? _openFor * 2 : openAtMost);
                    Wait();
                }

                return false;
            }

            if (++_failures < failuresToOpen)
            {
                return false;
            }

            _isOpen = true;
            Wait();
            return true;
        }
    }

    private void Wait() => Volatile.Write(ref _probeAt, timeProvider.GetTimestamp() + (long)(_openFor.TotalSeconds * timeProvider.TimestampFrequency));
}
