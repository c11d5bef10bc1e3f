using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Leads what a server says of the progress of a call to who made it.</summary>
internal sealed class McpProgressRouter
{
    private readonly ConcurrentDictionary<string, IProgress<ToolProgress>> _calls = new(StringComparer.Ordinal);

    public void Add(string token, IProgress<ToolProgress> progress) => _calls[token] = progress;

    public void Remove(string token) => _calls.TryRemove(token, out _);

    /// <summary>Passes on news of progress.</summary>
    /// <returns>False when the message is something else.</returns>
    public bool TryTake(JsonRpcMessage message)
    {
        if (message is not JsonRpcNotification { Method: NotificationMethods.ProgressNotification } notification)
        {
            return false;
        }

        try
        {
            if (notification.Params is JsonObject news && (string?)news["progressToken"] is { } token && _calls.TryGetValue(token, out var progress) && (double?)news["progress"] is { } done)
            {
                progress.Report(new ToolProgress(done, (double?)news["total"], (string?)news["message"]));
            }
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            // of other types than they should be: the call goes on without
        }

        return true;
    }
}
