using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Where requests meet the model: one that is not there, or cannot serve the path, is told of, and failures become answers.</summary>
internal sealed partial class RequestEdge(ServerState state, InferenceMetrics metrics, ILogger logger)
{
    /// <summary>Lets requests through unless the model that is loaded is of another kind; one that is still loading is the handler's matter.</summary>
    /// <typeparam name="TServing">What serves the path.</typeparam>
    public RequestDelegate Guard<TServing>(RequestDelegate handler)
        where TServing : class, IServing => context => state.Loaded is null or TServing
            ? handler(context)
            : RefuseAsync(context, WrongKind(context, state.Loaded));

    /// <summary>Serves requests by a handler that gets the model and the body.</summary>
    /// <typeparam name="TServing">What serves the path.</typeparam>
    /// <param name="handler">May throw <see cref="RequestFormatException"/>, and what the engines throw, while nothing is sent.</param>
    public RequestDelegate Serve<TServing>(Func<HttpContext, TServing, ReadOnlyMemory<byte>, Task> handler)
        where TServing : class, IServing => Guard<TServing>(async context =>
    {
        try
        {
            if (state.Loaded is not TServing serving)
            {
                throw new RequestFormatException(OpenAIError.NotReady());
            }

            var body = await RequestBody.ReadAsync(context.Request, state.Options.MaxRequestBytes, context.RequestAborted)
                ?? throw new RequestFormatException(OpenAIError.TooLarge(state.Options.MaxRequestBytes));
            await handler(context, serving, body);
        }
        catch (RequestFormatException e)
        {
            await RefuseAsync(context, e.Error);
        }
        catch (EngineOverloadedException)
        {
            metrics.CountRefused();
            await RefuseAsync(context, OpenAIError.Overloaded());
        }
        catch (EmbeddingFailedException e)
        {
            await RefuseAsync(context, OpenAIError.EmbeddingFailed(e.Message));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            LogClientLeft(logger);
            context.Abort();
        }
    });

    private OpenAIError WrongKind(HttpContext context, IServing loaded) =>
        OpenAIError.WrongKind(state.Options.EffectiveModelName, loaded.Kind, loaded.Path, context.Request.Path.Value ?? "");

    private Task RefuseAsync(HttpContext context, OpenAIError error)
    {
        LogRefused(logger, error.Status, error.Message);
        return OpenAIErrorWriter.WriteAsync(context.Response, error, context.RequestAborted);
    }

    [LoggerMessage(EventId = 3063, Level = LogLevel.Debug, Message = "Refused a request with {Status}: {Reason}")]
    private static partial void LogRefused(ILogger logger, int status, string reason);

    [LoggerMessage(EventId = 3064, Level = LogLevel.Debug, Message = "A client left before its answer was complete")]
    private static partial void LogClientLeft(ILogger logger);
}
