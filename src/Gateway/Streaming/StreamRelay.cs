using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Proxy;
using Yarp.ReverseProxy.Transforms;

namespace RouterGateway.Gateway.Streaming;

/// <summary>Relays a backend's answer to the client byte for byte, and knows at every moment whether it may still be taken back.</summary>
/// <remarks>
/// It runs as YARP's response transform in place of YARP's own body copy, because of the streaming contract: bytes are held until
/// the first content arrives, so that a failure before it costs the client nothing; after it whole events are passed on as they
/// come, so that a cut stream never ends inside one.
/// </remarks>
internal static class StreamRelay
{
    /// <summary>Held at most before the first content: enough for role deltas and comments, and a bound on memory.</summary>
    private const int MaxHeldBytes = 256 * 1024;

    /// <summary>An answer that is not a stream is held whole up to this size, so that a cut one can be retried.</summary>
    private const int MaxHeldDocumentBytes = 1024 * 1024;

    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Relays the answer, or notes in the request's <see cref="Attempt"/> why not. Throws nothing but bugs.</summary>
    public static async ValueTask RelayAsync(ResponseTransformContext transform)
    {
        transform.SuppressResponseBody = true;
        var context = transform.HttpContext;
        if (transform.ProxyResponse is not { } answer || context.Features.Get<Attempt>() is not { } attempt)
        {
            return; // no answer at all: YARP's error feature says why
        }

        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(attempt.CancellationToken);
            if (answer.StatusCode >= HttpStatusCode.BadRequest)
            {
                await ReadErrorAsync(answer, body, attempt);
            }
            else if (IsMediaType(answer.Content.Headers, "text/event-stream"))
            {
                await RelayEventsAsync(context, body, attempt);
            }
            else if (IsMediaType(answer.Content.Headers, "application/json"))
            {
                await RelayDocumentAsync(context, body, attempt);
            }
            else
            {
                attempt.Fail(GatewayError.BackendInvalidResponse, $"The backend of cluster \"{attempt.Target.Cluster.Id}\" answered {(int)answer.StatusCode} with content type \"{answer.Content.Headers.ContentType}\" instead of JSON or an event stream. Is its address in routes.json that of an OpenAI-compatible server?");
            }
        }
        catch (OperationCanceledException) when (attempt.CancellationToken.IsCancellationRequested)
        {
            if (attempt.TimedOut)
            {
                attempt.FailTimedOut();
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            attempt.Fail(GatewayError.BackendFailed, $"The backend of cluster \"{attempt.Target.Cluster.Id}\" broke the connection in the middle of its answer.");
        }
    }

    private static bool IsMediaType(HttpContentHeaders headers, string mediaType) =>
        string.Equals(headers.ContentType?.MediaType, mediaType, StringComparison.OrdinalIgnoreCase);

    private static async Task RelayEventsAsync(HttpContext context, Stream body, Attempt attempt)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var facts = new CompletionFacts();
        int filled = 0, complete = 0; // bytes held; of them, bytes of complete events
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(buffer.AsMemory(filled), attempt.CancellationToken);
                filled += read;
                while (!facts.HasError && ServerSentEvents.TryTakeEvent(buffer.AsSpan(complete, filled - complete), isEnd: read == 0, out var length))
                {
                    ServerSentEvents.ReadFacts(buffer.AsSpan(complete, length), ref facts);
                    complete += length;
                }

                if (facts.HasContent && attempt.TimeToFirstToken is null)
                {
                    attempt.TimeToFirstToken = attempt.Elapsed;
                }

                attempt.Facts = facts;
                if (!attempt.Committed && (facts.HasError || (read == 0 && !facts.IsFinished)))
                {
                    attempt.Fail(GatewayError.BackendFailed, facts.HasError
                        ? $"The backend of cluster \"{attempt.Target.Cluster.Id}\" reported an error before its first token."
                        : $"The backend of cluster \"{attempt.Target.Cluster.Id}\" closed the stream before its first token.");
                    return;
                }

                if (!attempt.Committed && (facts.HasContent || facts.IsFinished || filled > MaxHeldBytes))
                {
                    attempt.Commit();
                    context.Response.ContentLength = null; // an error event may have to follow
                }

                if (attempt.Committed)
                {
                    // an event of over MaxHeldBytes is passed on in pieces; at the end of a finished stream whatever is left is
                    var ready = filled - complete > MaxHeldBytes || (read == 0 && facts.IsFinished) ? filled : complete;
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, ready), attempt.CancellationToken);
                    buffer.AsSpan(ready, filled - ready).CopyTo(buffer);
                    filled -= ready;
                    complete = 0;
                    attempt.RestartIdleClock();
                }

                if (facts.HasError || read == 0)
                {
                    break;
                }

                Grow(ref buffer, filled);
            }

            if (facts.HasError || !facts.IsFinished)
            {
                attempt.Fail(GatewayError.StreamBroken, facts.HasError
                    ? "The backend reported an error in the middle of its answer."
                    : "The backend closed the stream in the middle of its answer.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task RelayDocumentAsync(HttpContext context, Stream body, Attempt attempt)
    {
        attempt.RestartIdleClock();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var filled = 0;
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer.AsMemory(filled), attempt.CancellationToken)) > 0 && filled + read <= MaxHeldDocumentBytes)
            {
                attempt.RestartIdleClock();
                filled += read;
                Grow(ref buffer, filled);
            }

            filled += read;
            attempt.TimeToFirstToken = attempt.Elapsed;
            if (read == 0)
            {
                var facts = new CompletionFacts();
                if (!CompletionFactsReader.TryRead(buffer.AsSpan(0, filled), ref facts))
                {
                    attempt.Fail(GatewayError.BackendInvalidResponse, $"The backend of cluster \"{attempt.Target.Cluster.Id}\" answered 200 with {(filled == 0 ? "an empty body" : "a body that is not a JSON object")}.");
                    return;
                }

                attempt.Facts = facts;
                if (facts.HasError && !facts.HasContent)
                {
                    attempt.Fail(GatewayError.BackendFailed, $"The backend of cluster \"{attempt.Target.Cluster.Id}\" answered 200 with an error.");
                    return;
                }
            }

            attempt.Commit();
            while (filled > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, filled), attempt.CancellationToken);
                attempt.RestartIdleClock();
                filled = read == 0 ? 0 : await body.ReadAsync(buffer, attempt.CancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task ReadErrorAsync(HttpResponseMessage answer, Stream body, Attempt attempt)
    {
        attempt.RestartIdleClock();
        var bytes = new byte[MaxErrorBytes];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, attempt.CancellationToken);
        var facts = new CompletionFacts();
        var status = (int)answer.StatusCode;
        var cluster = attempt.Target.Cluster.Id;
        if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            // the gateway's own credentials, not the client's: relaying this would send the client looking for a fault it does not have
            attempt.Fail(GatewayError.BackendRefusedCredentials, $"The backend of cluster \"{cluster}\" refused the gateway's credentials with status {status}. The operator has to correct clusters.{cluster}.credentials in routes.json.");
            return;
        }

        if (CompletionFactsReader.TryRead(bytes.AsSpan(0, length), ref facts) && facts.HasError)
        {
            attempt.ErrorAnswer = new BackendErrorAnswer(status, bytes.AsMemory(0, length), RetryHeaders(answer));
        }

        var isBackendFault = status >= 500 || status is StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests or StatusCodes.Status404NotFound;
        attempt.Fail(GatewayError.BackendFailed, $"The backend of cluster \"{cluster}\" answered with status {status}.", mayRetry: isBackendFault);
    }

    private static KeyValuePair<string, StringValues>[] RetryHeaders(HttpResponseMessage answer) =>
        [.. answer.Headers.NonValidated
            .Where(static header => header.Key.StartsWith("retry-after", StringComparison.OrdinalIgnoreCase)
                || header.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("x-should-retry", StringComparison.OrdinalIgnoreCase))
            .Select(static header => KeyValuePair.Create(header.Key, new StringValues([.. header.Value])))];

    private static void Grow(ref byte[] buffer, int filled)
    {
        if (filled < buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
