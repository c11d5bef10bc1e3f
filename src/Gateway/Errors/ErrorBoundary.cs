namespace RouterGateway.Gateway.Errors;

/// <summary>The edge of a request: what nobody handled becomes an error in the client's shape, and is logged once.</summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // the last place where an exception can still become an answer
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogUnhandled(logger, e, context.Request.Method, context.Request.Path);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await ErrorWriter.WriteAsync(context, new GatewayFailure(GatewayError.Internal, "The gateway failed on this request; its log says why. The request id is in x-request-id."));
            return;
        }

        if (!context.Response.HasStarted && FailureOf(context) is { } failure)
        {
            await ErrorWriter.WriteAsync(context, failure);
        }
    }

    /// <summary>Routing sets a bare status when no endpoint fits; API clients expect a body.</summary>
    private static GatewayFailure? FailureOf(HttpContext context) => context.Response switch
    {
        { ContentType: not null } => null,
        { StatusCode: StatusCodes.Status404NotFound } => new(GatewayError.UnknownUrl, $"Unknown request URL: {context.Request.Method} {context.Request.Path}. GET /v1/models and POST /v1/chat/completions are served here."),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } => new(GatewayError.MethodNotAllowed, $"{context.Request.Path} does not take {context.Request.Method}."),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => new(GatewayError.UnsupportedMediaType, "The request's content type or encoding is not supported. Send application/json, plain or with gzip, deflate or br."),
        _ => null,
    };

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Unhandled exception on {Method} {Path}")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string method, string path);
}
