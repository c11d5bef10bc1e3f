using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Passes on how far a call is: in order, each further than the last, and all before its result.</summary>
internal sealed class CallProgress : IProgress<ToolProgress>, IAsyncDisposable
{
    private const int MostWaiting = 64;

    // a tool that reports faster than its client reads loses the oldest reports
    private readonly Channel<ToolProgress> _reports = Channel.CreateBounded<ToolProgress>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly McpServer _server;
    private readonly ProgressToken _token;
    private readonly Task _sending;

    /// <param name="server">Where to report to: the stream of the call.</param>
    /// <param name="token">What the client knows the call by.</param>
    /// <param name="cancellationToken">The call was given up: nothing is sent any more.</param>
    public CallProgress(McpServer server, ProgressToken token, CancellationToken cancellationToken)
    {
        (_server, _token) = (server, token);
        _sending = SendAsync(cancellationToken);
    }

    public void Report(ToolProgress value) => _reports.Writer.TryWrite(value);

    public async ValueTask DisposeAsync()
    {
        _reports.Writer.TryComplete();
        await _sending;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var last = double.NegativeInfinity;
        try
        {
            await foreach (var report in _reports.Reader.ReadAllAsync(cancellationToken))
            {
                if (report.Done > last) // the specification demands it; tools do not always heed it
                {
                    last = report.Done;
                    var progress = new ProgressNotificationValue { Progress = (float)report.Done, Total = (float?)report.Total, Message = report.Message };
                    await _server.NotifyProgressAsync(_token, progress, cancellationToken: cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // the client left; its call ends by its own token
        }
    }
}
