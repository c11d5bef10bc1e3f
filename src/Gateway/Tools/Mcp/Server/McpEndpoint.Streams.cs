using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

// The stream of a session on which the server speaks unasked, and the end of a session.
internal sealed partial class McpEndpoint
{
    // more often than the proxies on the way lose patience with a silent connection; also shows that a client is gone
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(15);

    private static ReadOnlyMemory<byte> ToolsChanged { get; } = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n"u8.ToArray();

    private static ReadOnlyMemory<byte> KeepAlive { get; } = ": keep-alive\n\n"u8.ToArray();

    private async Task GetAsync(HttpContext context)
    {
        var session = await EnterAsync(context, McpHeaders.RefuseGet(context.Request));
        if (session is null)
        {
            return;
        }

        try
        {
            context.Response.Headers[McpHeaders.SessionId] = session.Id;
            BeginStream(context.Response);
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, session.Ended, lifetime.ApplicationStopping);
            await TellChangesAsync(context.Response, session, ends.Token);
        }
        finally
        {
            session.Leave();
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        var session = await EnterAsync(context, null);
        if (session is not null)
        {
            session.Leave();
            await sessions.EndAsync(session);
        }
    }

    /// <summary>Enters the session of a request without a body; answers the request when there is none.</summary>
    private async Task<ToolSession?> EnterAsync(HttpContext context, McpFailure? methodRefusal)
    {
        var failure = McpHeaders.Refuse(context.Request) ?? RefuseLone(context) ?? methodRefusal;
        ToolSession? session = null;
        if (failure is null)
        {
            (session, failure) = Enter(context.Request, Caller.TenantOf(context.Request.Headers));
        }

        if (failure is not null)
        {
            await RefuseAsync(context, failure);
        }

        return session;
    }

    private static McpFailure? RefuseLone(HttpContext context)
    {
        var version = context.Request.Headers[McpHeaders.ProtocolVersion].ToString();
        if (!McpRevision.HasNoSessions(version))
        {
            return null;
        }

        context.Response.Headers.Allow = HttpMethods.Post;
        return McpFailure.Of(GatewayError.MethodNotAllowed, $"Revision {version} has no sessions and POST alone; \"subscriptions/listen\" opens a stream of changes.");
    }

    private async Task TellChangesAsync(HttpResponse response, ToolSession session, CancellationToken cancellationToken)
    {
        using var listener = changes.Listen(session.Owner, session.Seen);
        var isTold = true;
        try
        {
            await response.Body.FlushAsync(cancellationToken); // the client waits for the head
            while (true)
            {
                var hasChanged = await listener.WaitAsync(_keepAlive, timeProvider, cancellationToken);
                isTold = !hasChanged;
                await response.Body.WriteAsync(hasChanged ? ToolsChanged : KeepAlive, cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                isTold = true;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // how such a stream ends: the client closed it, the session ended, or the gateway stops
        }
        finally
        {
            if (!isTold)
            {
                session.Seen.Forget();
            }
        }
    }
}
