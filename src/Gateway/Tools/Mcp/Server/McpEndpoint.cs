using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>POST, GET and DELETE /mcp: the registry of tools as an MCP server over streamable HTTP.</summary>
/// <remarks>
/// Revisions up to 2025-11-25 have sessions, which begin with <c>initialize</c>; of later ones every request stands alone. The library speaks the
/// protocol; what is HTTP is here: who may ask, sessions, streams, statuses. https://modelcontextprotocol.io/specification, Transports.
/// </remarks>
internal sealed partial class McpEndpoint(
    ToolSessions sessions, ToolServerFactory servers, OfferedTools tools, ToolListChanges changes, ToolServerMetrics metrics, IHostApplicationLifetime lifetime,
    IOptions<GatewayOptions> options, TimeProvider timeProvider, ILoggerFactory loggers, ILogger<McpEndpoint> logger)
{
    public const string Path = "/mcp";

    private readonly int _maxRequestBytes = options.Value.MaxRequestBytes;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<McpEndpoint>();
        endpoints.MapPost(Path, endpoint.PostAsync);
        endpoints.MapGet(Path, endpoint.GetAsync);
        endpoints.MapDelete(Path, endpoint.DeleteAsync);
    }

    private async Task PostAsync(HttpContext context)
    {
        if ((McpHeaders.Refuse(context.Request) ?? McpHeaders.RefusePost(context.Request)) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        var (messages, failure) = await McpMessages.ReadAsync(context.Request, _maxRequestBytes, context.RequestAborted);
        if (messages is null)
        {
            await RefuseAsync(context, failure!);
            return;
        }

        var version = context.Request.Headers[McpHeaders.ProtocolVersion].ToString();
        var declared = messages.IsBatch ? null : LoneMessage.VersionOf(messages.All[0]);
        await (McpRevision.HasNoSessions(version) || declared is not null
            ? AnswerAloneAsync(context, messages, version.Length > 0 ? version : declared!)
            : AnswerInSessionAsync(context, messages));
    }

    private async Task AnswerInSessionAsync(HttpContext context, McpMessages messages)
    {
        if (McpMessages.RefuseInitialize(messages) is { } wrong)
        {
            await RefuseAsync(context, wrong);
            return;
        }

        var owner = Caller.TenantOf(context.Request.Headers);
        var begins = !messages.IsBatch && messages.All[0] is JsonRpcRequest { Method: RequestMethods.Initialize } && !context.Request.Headers.ContainsKey(McpHeaders.SessionId);
        var (session, failure) = begins ? Open(owner) : Enter(context.Request, owner);
        if (session is null)
        {
            await RefuseAsync(context, messages.IsBatch || messages.All[0] is not JsonRpcRequest { Id: var id } ? failure! : failure! with { Id = id });
            return;
        }

        try
        {
            if (messages.IsBatch && RefuseBatch(messages, session) is { } refusal)
            {
                await RefuseAsync(context, refusal);
                return;
            }

            context.Response.Headers[McpHeaders.SessionId] = session.Id;
            await AnswerAsync(context, messages, session);
        }
        finally
        {
            session.Leave();
            if (session.Server.NegotiatedProtocolVersion is null)
            {
                await sessions.EndAsync(session); // its "initialize" was refused: it never began
            }
        }
    }

    private static async Task AnswerAsync(HttpContext context, McpMessages messages, ToolSession session)
    {
        var hasAnswer = false;
        BeginStream(context.Response);
        try
        {
            foreach (var message in messages.All)
            {
                using var tie = new RequestTie(context.RequestAborted);
                tie.Bind(message);
                hasAnswer |= await PostAsync(session.Transport, message, context.Response, tie, null, session.Ended);
            }
        }
        catch (Exception e) when (session.Ended.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or System.Threading.Channels.ChannelClosedException)
        {
            await EndWithSessionAsync(context);
            return;
        }

        if (!hasAnswer)
        {
            context.Response.ContentType = null;
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    /// <returns>True when there was an answer, or would have been.</returns>
    private static async Task<bool> PostAsync(StreamableHttpServerTransport transport, JsonRpcMessage message, HttpResponse response, RequestTie tie, Func<JsonRpcMessage?, ValueTask>? onFirst, CancellationToken sessionEnded)
    {
        try
        {
            return await transport.HandlePostRequestAsync(message, response.Body, onFirst, tie.Ends);
        }
        catch (OperationCanceledException) when (tie.Ends.IsCancellationRequested && !tie.Aborted.IsCancellationRequested && !sessionEnded.IsCancellationRequested)
        {
            return true; // cancelled by its client, which expects no answer
        }
    }

    private static async Task EndWithSessionAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort(); // a cut stream never ends like a complete one
            return;
        }

        var failure = NoSession();
        await ErrorWriter.WriteAsync(context, failure.Failure, McpErrorBody.Format(failure));
    }

    private (ToolSession? Session, McpFailure? Failure) Open(string owner)
    {
        var (session, failure) = sessions.Open(owner);
        if (failure is not null)
        {
            metrics.SessionRefused(GatewayErrorTable.Get(failure.Error).Code);
        }

        return (session, failure is null ? null : new McpFailure(failure));
    }

    /// <summary>The session that a request names, entered; or why there is none.</summary>
    private (ToolSession? Session, McpFailure? Failure) Enter(HttpRequest request, string owner)
    {
        var id = request.Headers[McpHeaders.SessionId].ToString();
        return id.Length == 0 ? (null, McpFailure.Invalid($"{McpHeaders.SessionId} is missing. A session begins with a POST of \"{RequestMethods.Initialize}\"; revision {McpRevision.FirstWithoutSessions} needs none."))
            : sessions.Enter(id, owner) is { } session ? (session, null)
            : (null, NoSession());
    }

    private static McpFailure NoSession() => McpFailure.Of(GatewayError.SessionNotFound, "There is no such session, not any more, or not with this key. Begin another with \"initialize\".");

    private static McpFailure? RefuseBatch(McpMessages messages, ToolSession session) =>
        !McpRevision.HasBatches(session.Server.NegotiatedProtocolVersion) ? McpFailure.Invalid("This revision of the protocol has no batches: send one message at a time.")
        : messages.All.Any(static message => message is JsonRpcRequest { Method: RequestMethods.Initialize }) ? McpFailure.Invalid($"\"{RequestMethods.Initialize}\" must not be part of a batch.")
        : null;

    private static void BeginStream(HttpResponse response)
    {
        response.ContentType = McpHeaders.EventStream;
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
        response.HttpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }

    private async Task RefuseAsync(HttpContext context, McpFailure failure)
    {
        var (error, reason, _) = failure.Failure;
        var level = GatewayErrorTable.Get(error).Level;
        LogRefused(logger, level, context.Request.Method, reason);
        await ErrorWriter.WriteAsync(context, failure.Failure, McpErrorBody.Format(failure));
    }

    [LoggerMessage(EventId = 1343, Message = "Refused {Method} of an MCP client: {Reason}")]
    private static partial void LogRefused(ILogger logger, LogLevel level, string method, string reason);
}
