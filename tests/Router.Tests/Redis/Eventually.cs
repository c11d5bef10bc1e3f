namespace RouterGateway.Router.Tests.Redis;

/// <summary>Waits for what other processes do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    /// <summary>Asks until it is true; the bound is only there so that a broken test ends.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var bound = new CancellationTokenSource(_longest);
        while (!await condition())
        {
            Assert.False(bound.IsCancellationRequested, $"Not within {_longest.TotalSeconds} s: {what}");
            await Task.Delay(10);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);
}
