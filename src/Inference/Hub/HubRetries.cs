using System.Globalization;

namespace RouterGateway.Inference.Hub;

/// <summary>How often, and after what wait, the hub is asked again for one thing.</summary>
internal sealed class HubRetries(ModelPullOptions options, IProgress<PullProgress>? progress)
{
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longestAskedFor = TimeSpan.FromMinutes(10);

    private int _failures;

    /// <summary>Does something until it succeeds, or has failed for good.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> tryAsync, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await tryAsync();
            }
            catch (HubBusyException e)
            {
                await WaitAsync(e, cancellationToken);
            }
        }
    }

    /// <summary>Bytes have come: earlier failures count no more.</summary>
    public void Progressed() => _failures = 0;

    private async Task WaitAsync(HubBusyException e, CancellationToken cancellationToken)
    {
        if (++_failures >= options.MostTries)
        {
            throw new HubException(string.Create(CultureInfo.InvariantCulture, $"{e.Message}, {_failures} times in a row. Run the same command again later: it goes on where this one ended."), e);
        }

        if (e.RetryAfter > _longestAskedFor)
        {
            throw new HubException(string.Create(CultureInfo.InvariantCulture, $"{e.Message} and asks to wait {e.RetryAfter.Value.TotalMinutes:0} minutes. Run the same command again then: it goes on where this one ended."), e);
        }

        var backoff = _firstWait * Math.Pow(2, _failures - 1);
        var wait = e.RetryAfter ?? (backoff < _longestWait ? backoff : _longestWait);
        progress?.Report(PullProgress.Say(string.Create(CultureInfo.InvariantCulture, $"{e.Message}; again in {wait.TotalSeconds:0} s")));
        await options.DelayAsync(wait, cancellationToken);
    }
}
