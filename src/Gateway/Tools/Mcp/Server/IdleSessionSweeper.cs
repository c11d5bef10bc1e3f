namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Ends sessions whose clients went without a word.</summary>
internal sealed class IdleSessionSweeper(ToolSessions sessions, TimeProvider timeProvider) : BackgroundService
{
    /// <summary>How often it looks: a session may stay that much longer.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await sessions.EndIdleAsync();
        }
    }
}
