using ModelContextProtocol;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Passes on what a server says of its progress, in its order.</summary>
internal sealed class McpProgress(IProgress<ToolProgress> progress) : IProgress<ProgressNotificationValue>
{
    public void Report(ProgressNotificationValue value) => progress.Report(new ToolProgress(value.Progress, value.Total, value.Message));
}
