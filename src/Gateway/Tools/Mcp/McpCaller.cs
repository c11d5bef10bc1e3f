using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Makes the calls of one connection, any number at the same time.</summary>
/// <param name="client">The connection.</param>
/// <param name="router">Where its news of progress go.</param>
/// <param name="timeProvider">Clock of the farewell.</param>
internal sealed class McpCaller(McpClient client, McpProgressRouter router, TimeProvider timeProvider)
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(2);

    private int _calls;

    /// <summary>Calls a tool.</summary>
    /// <exception cref="McpProtocolException">The server refused.</exception>
    /// <exception cref="Exception">Of any kind: what the library throws at what servers say.</exception>
    public async Task<CallToolResult> CallAsync(string tool, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var id = "call-" + Interlocked.Increment(ref _calls).ToString(CultureInfo.InvariantCulture);
        var parameters = new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = new JsonObject(arguments.Select(static argument => KeyValuePair.Create(argument.Key, JsonNode.Parse(argument.Value.GetRawText())))),
        };
        if (progress is not null)
        {
            parameters["_meta"] = new JsonObject { ["progressToken"] = id };
            router.Add(id, progress);
        }

        try
        {
            var answer = await client.SendRequestAsync(new JsonRpcRequest { Id = new RequestId(id), Method = RequestMethods.ToolsCall, Params = parameters }, cancellationToken);
            return (CallToolResult?)answer.Result.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult))) ?? throw new JsonException("The result is null.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TellCancelledAsync(id);
            throw;
        }
        finally
        {
            router.Remove(id);
        }
    }

    /// <summary>Tells the server, as the library does only where answers come on a stream of their own; over HTTP a closed request means nothing.</summary>
    private async Task TellCancelledAsync(string id)
    {
        using var clock = new CancellationTokenSource(_farewell, timeProvider);
        try
        {
            await client.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.CancelledNotification, Params = new JsonObject { ["requestId"] = id } }, clock.Token);
        }
        catch (Exception e) when (e is McpException or HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // it is gone, or does not want to know
        }
    }
}
