using System.Collections.Concurrent;

namespace RouterGateway.Router.Resilience;

/// <summary>Does the same work once for all who ask for it at the same time; each waits as long as it likes.</summary>
/// <typeparam name="TKey">What names the work.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
/// <param name="timeProvider">Clock of the waiting.</param>
internal sealed class SingleFlight<TKey, TResult>(TimeProvider timeProvider)
    where TKey : struct, IEquatable<TKey>
    where TResult : class
{
    private const int GivenUpAfterWaits = 4;
    private static readonly TimeSpan _givenUpAfterAtLeast = TimeSpan.FromSeconds(1); // who had little time left says nothing about the work

    private readonly ConcurrentDictionary<TKey, Flight> _flights = new();

    /// <summary>Joins the work that is under way under this key, or starts it.</summary>
    /// <param name="key">Names the work.</param>
    /// <param name="work">Does it, and never throws. Its token is cancelled when nobody waits any more; null then says that it was dropped.</param>
    /// <param name="state">Handed to <paramref name="work"/>.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <returns>The result, null when it did not come in time; and whether another caller had started the work.</returns>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<(TResult? Result, bool HasJoined)> RunAsync<TState>(
        TKey key, Func<TState, CancellationToken, Task<TResult?>> work, TState state, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var (flight, hasJoined) = Join(key, work, state);
            try
            {
                var left = wait - timeProvider.GetElapsedTime(started);
                if (!flight.Landed.IsCompleted && left > TimeSpan.Zero)
                {
                    // the task of a wait that ran out is faulted; nobody throws it, which is dear when a stuck model has everybody run out
                    await ((Task)flight.Landed.WaitAsync(left, timeProvider, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (!flight.Landed.IsCompleted)
                {
                    var age = timeProvider.GetElapsedTime(flight.Started);
                    if (age > GivenUpAfterWaits * wait && age > _givenUpAfterAtLeast)
                    {
                        _flights.TryRemove(new KeyValuePair<TKey, Flight>(key, flight)); // it hangs: the next caller tries anew
                    }

                    return (null, hasJoined);
                }

                if (await flight.Landed is var result && (result is not null || left <= TimeSpan.Zero))
                {
                    return (result, hasJoined);
                }
            }
            finally
            {
                flight.Leave();
            }

            // it was dropped in the moment before this caller joined: once more
        }
    }

    private (Flight Flight, bool HasJoined) Join<TState>(TKey key, Func<TState, CancellationToken, Task<TResult?>> work, TState state)
    {
        if (_flights.TryGetValue(key, out var flight))
        {
            flight.Enter();
            return (flight, true);
        }

        var own = new Flight(timeProvider.GetTimestamp());
        flight = _flights.GetOrAdd(key, own);
        flight.Enter();
        if (flight == own)
        {
            _ = FlyAsync(key, own, work, state);
        }

        return (flight, flight != own);
    }

    private async Task FlyAsync<TState>(TKey key, Flight flight, Func<TState, CancellationToken, Task<TResult?>> work, TState state)
    {
        TResult? result = null;
        try
        {
            result = await work(state, flight.Unwanted);
        }
        finally
        {
            _flights.TryRemove(new KeyValuePair<TKey, Flight>(key, flight)); // first, so that who finds it dropped starts anew
            flight.Land(result);
        }
    }

#pragma warning disable CA1001 // the source has no timer and no handle, and callers may still be leaving
    private sealed class Flight(long started)
#pragma warning restore CA1001
    {
        private readonly TaskCompletionSource<TResult?> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _unwanted = new();
        private int _callers;

        public long Started { get; } = started;

        public Task<TResult?> Landed => _landed.Task;

        public CancellationToken Unwanted => _unwanted.Token;

        public void Enter() => Interlocked.Increment(ref _callers);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _callers) == 0 && !_landed.Task.IsCompleted)
            {
                _unwanted.Cancel();
            }
        }

        public void Land(TResult? result) => _landed.TrySetResult(result);
    }
}
