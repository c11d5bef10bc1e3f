using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Streaming;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Proxy;

/// <summary>One try at one destination: its clocks, and how it ended.</summary>
/// <remarks>Two clocks run here, never both: until the first token, then between bytes. The connect clock is the HTTP handler's.</remarks>
internal sealed class Attempt : IDisposable
{
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenRegistration _clientLeft;
    private readonly ClusterTimeouts _timeouts;
    private readonly CancellationToken _clientAborted;
    private readonly TimeProvider _timeProvider;
    private readonly long _started;

    public Attempt(DispatchTarget target, TimeProvider timeProvider, CancellationToken clientAborted)
    {
        Target = target;
        _timeouts = target.Cluster.Timeouts;
        _clientAborted = clientAborted;
        _timeProvider = timeProvider;
        _started = timeProvider.GetTimestamp();
        _clock = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        _clientLeft = clientAborted.UnsafeRegister(static clock => ((CancellationTokenSource)clock!).Cancel(), _clock);
    }

    public DispatchTarget Target { get; }

    /// <summary>The destination's id in its cluster, once one was picked.</summary>
    public string? DestinationId { get; set; }

    /// <summary>Cancelled when the client leaves or a clock runs out.</summary>
    public CancellationToken CancellationToken => _clock.Token;

    /// <summary>The client left: nobody is there to answer.</summary>
    public bool ClientLeft => _clientAborted.IsCancellationRequested;

    /// <summary>A clock ran out.</summary>
    public bool TimedOut => _clock.IsCancellationRequested && !ClientLeft;

    /// <summary>Bytes of this attempt were sent to the client: it is the last one.</summary>
    public bool Committed { get; private set; }

    /// <summary>Told before the first byte goes to the client, who may answer it with the next turn at once.</summary>
    public Action<Attempt>? Committing { get; init; }

    /// <summary>Why the attempt failed; <c>null</c> while it has not.</summary>
    public GatewayFailure? Failure { get; private set; }

    /// <summary>The backend's own error answer, to be relayed when no other attempt is left.</summary>
    public BackendErrorAnswer? ErrorAnswer { get; set; }

    /// <summary>False when the request itself is at fault, so that another destination would refuse it too.</summary>
    public bool MayRetry { get; private set; } = true;

    public CompletionFacts Facts { get; set; } = new();

    public TimeSpan Elapsed => _timeProvider.GetElapsedTime(_started);

    /// <summary>From the start of the attempt to its first token (of an answer that is no stream: to all of it); <c>null</c>: none came.</summary>
    public TimeSpan? TimeToFirstToken { get; set; }

    public void StartFirstTokenClock() => _clock.CancelAfter(_timeouts.FirstToken);

    public void RestartIdleClock() => _clock.CancelAfter(_timeouts.Idle);

    public void StopClocks() => _clock.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Commit()
    {
        Committing?.Invoke(this);
        Committed = true;
    }

    public void Fail(GatewayError error, string message, bool mayRetry = true)
    {
        Failure ??= new GatewayFailure(error, message);
        MayRetry &= mayRetry;
    }

    /// <summary>Fails with the clock that ran out.</summary>
    public void FailTimedOut() => Fail(
        GatewayError.BackendTimeout,
        Committed
            ? $"The backend of cluster \"{Target.Cluster.Id}\" sent nothing for {_timeouts.Idle.TotalSeconds:0.###} s (timeouts.idle)."
            : $"The backend of cluster \"{Target.Cluster.Id}\" sent no token within {_timeouts.FirstToken.TotalSeconds:0.###} s (timeouts.firstToken).");

    public void Dispose()
    {
        _clientLeft.Dispose();
        _clock.Dispose();
    }
}
