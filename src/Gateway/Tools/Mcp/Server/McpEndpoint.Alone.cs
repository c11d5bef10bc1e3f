using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using RouterGateway.Gateway.Decisions;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

// Requests of revisions without sessions: each has a server of its own, for as long as its answer takes.
internal sealed partial class McpEndpoint
{
    private async Task AnswerAloneAsync(HttpContext context, McpMessages messages, string version)
    {
        if (LoneMessage.Refuse(context.Request, messages, version) is { } failure)
        {
            await RefuseAsync(context, failure);
            return;
        }

        var message = messages.All[0];
        if (message is not JsonRpcRequest)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted; // there is no session that it could tell anything; calls end with their streams
            return;
        }

        var owner = Caller.TenantOf(context.Request.Headers);
        BeginStream(context.Response);
        using var tie = new RequestTie(context.RequestAborted);
        tie.Bind(message).ProtocolVersion = version;
        await using var transport = new StreamableHttpServerTransport(loggers) { Stateless = true };
        await using var server = servers.Create(owner, new SeenToolList(tools.Signature(owner)), transport);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var running = server.RunAsync(ends.Token);
        try
        {
            await PostAsync(transport, message, context.Response, tie, first => SetStatus(context.Response, first), CancellationToken.None);
        }
        finally
        {
            await ends.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // ends by the token
        }
    }

    /// <summary>Revisions without sessions have statuses for some errors of the protocol, whose bodies are the library's.</summary>
    private static ValueTask SetStatus(HttpResponse response, JsonRpcMessage? first)
    {
        if (first is JsonRpcError { Error.Code: var code } && !response.HasStarted)
        {
            response.StatusCode = (McpErrorCode)code switch
            {
                McpErrorCode.MethodNotFound => StatusCodes.Status404NotFound,
                McpErrorCode.MissingRequiredClientCapability or McpErrorCode.UnsupportedProtocolVersion or McpErrorCode.HeaderMismatch => StatusCodes.Status400BadRequest,
                _ => response.StatusCode,
            };
        }

        return ValueTask.CompletedTask;
    }
}
