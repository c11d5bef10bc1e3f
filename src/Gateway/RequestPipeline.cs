using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Gateway.Telemetry;
using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Gateway.Tools.Rounds;
using RouterGateway.Router;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

namespace RouterGateway.Gateway;

/// <summary>The stages of a request, in order. It runs inside YARP's pipeline, in front of the load balancer.</summary>
/// <remarks>
/// parse -> decide -> choose tools -> dispatch (attempts) -> stream back -> account. "Stream back" happens inside an attempt, in
/// <see cref="Streaming.StreamRelay"/>; until it commits, the next attempt is free. docs/request.md follows one request through.
/// </remarks>
internal sealed partial class RequestPipeline(
    PromptRouter router,
    RouteTableMonitor monitor,
    IProxyStateLookup proxyState,
    GatewayMetrics metrics,
    ReceiptLog receipts,
    ToolChooser toolChooser,
    ToolLoop toolLoop,
    PausedLoops pausedLoops,
    IOptions<GatewayOptions> options,
    TimeProvider timeProvider,
    ILogger<RequestPipeline> logger)
{
    // lets the last bytes reach the client before the connection is reset, which discards what is still unsent
    private static readonly TimeSpan _lingerBeforeAbort = TimeSpan.FromMilliseconds(50);

    private readonly GatewayOptions _options = options.Value;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Features.GetRequiredFeature<GatewayRequest>();
        var clientAborted = context.RequestAborted;
        GatewayFailure? failure;
        try
        {
            var (body, chat, parseFailure) = await ParseAsync(context, request);
            using (body)
            {
                failure = parseFailure;
                if (chat is not null)
                {
                    var decision = await DecideAsync(context, request, chat, body!);
                    failure = decision.Failure ?? await AnswerAsync(context, next, request, decision, body!, chat, clientAborted);
                }
            }

            await AnswerFailureAsync(context, request, failure, clientAborted);
        }
        catch (OperationCanceledException) when (clientAborted.IsCancellationRequested)
        {
            failure = null;
        }
        finally
        {
            context.RequestAborted = clientAborted;
        }

        Account(context, request, failure, clientAborted.IsCancellationRequested);
        request.Attempt?.Dispose();
    }

    private async ValueTask<(RequestBody? Body, ChatRequest? Chat, GatewayFailure? Failure)> ParseAsync(HttpContext context, GatewayRequest request)
    {
        var (body, failure) = await RequestBody.ReadAsync(context.Request, _options.MaxRequestBytes, context.RequestAborted);
        ChatRequest? chat = null;
        if (body is not null)
        {
            (chat, failure) = ChatRequestReader.Read(body.Bytes.Span);
            request.Tenant = Caller.TenantOf(context.Request.Headers);
            (request.HasTools, request.HasImages) = (chat?.Prompt.HasTools ?? false, chat?.Prompt.HasImages ?? false);
        }

        request.ParseMs = timeProvider.GetElapsedTime(request.StartedTimestamp).TotalMilliseconds;
        return (body, chat, failure);
    }

    private async ValueTask<RequestDecision> DecideAsync(HttpContext context, GatewayRequest request, ChatRequest chat, RequestBody body)
    {
        var started = timeProvider.GetTimestamp();
        // a path such as /routes/coding/v1/chat/completions names the route as model "route:coding" does
        var yarpRoute = context.GetReverseProxyFeature().Route.Config.RouteId;
        var model = yarpRoute == RouteTableConfigProvider.IngressKey ? chat.Model : RouteTableConfigProvider.ModelOf(yarpRoute);
        var decision = await ModelName.DecideAsync(model, Caller.Identify(chat, body.Bytes.Span, context.Request.Headers, request.Tenant), router, monitor.Current, context.RequestAborted);
        if (decision.Failure is null)
        {
            request.Decision = decision.Decision;
            request.PinnedDestination = decision.Decision?.PinnedDestination;
            request.DecisionId = decision.Decision?.Id ?? Guid.NewGuid().ToString("N");
            request.Outcome = decision.Decision?.Outcome ?? DecisionOutcome.Pinned;
        }

        request.DecideMs = timeProvider.GetElapsedTime(started).TotalMilliseconds;
        return decision;
    }

    /// <summary>Chooses the registered tools that the request is given, if it is given any, and dispatches it: once, or in rounds when the gateway runs the tools.</summary>
    private async Task<GatewayFailure?> AnswerAsync(
        HttpContext context, RequestDelegate next, GatewayRequest request, RequestDecision decision, RequestBody body, ChatRequest chat, CancellationToken clientAborted)
    {
        var (plan, failure) = await toolChooser.ChooseAsync(chat, body.Bytes, request.Tenant, decision.Decision?.Route, clientAborted);
        if (failure is not null)
        {
            return failure;
        }

        var inserted = pausedLoops.Find(request.Tenant, chat, body.Bytes.Span);
        if (plan is null && inserted.Count == 0)
        {
            return await DispatchAsync(context, next, request, decision.Plan, body, chat, clientAborted); // the usual case: the body as it came
        }

        plan ??= ToolPlan.Nothing;
        request.OfferedTools = plan.Offered;
        if (plan.Execute)
        {
            return await toolLoop.RunAsync(context, request, plan, inserted, body, chat, decision.Plan,
                (round, targets, roundBody, roundChat) => DispatchAsync(round, next, request, targets, roundBody, roundChat, clientAborted));
        }

        var (editedBody, editedChat) = new BodyEdits { AddedTools = plan.Offered, InsertedMessages = inserted }.Apply(body.Bytes.Span, chat);
        return await DispatchAsync(context, next, request, decision.Plan, editedBody, editedChat, clientAborted);
    }

    /// <summary>Tries the targets in turn, each of a cluster's destinations at most once, until one commits.</summary>
    /// <returns>Why the request failed; <c>null</c> when it was answered.</returns>
    private async Task<GatewayFailure?> DispatchAsync(
        HttpContext context, RequestDelegate next, GatewayRequest request, IReadOnlyList<DispatchTarget> plan, RequestBody body, ChatRequest chat, CancellationToken clientAborted)
    {
        GatewayFailure? failure = null;
        var mostAttempts = request.Attempts + _options.MaxAttempts;
        foreach (var target in plan)
        {
            var tried = new HashSet<string>();
            while (request.Attempts < mostAttempts && TryAssign(context, target, tried, request.PinnedDestination))
            {
                var attempt = await AttemptAsync(context, next, request, target, body, chat, clientAborted);
                if (attempt.Failure is null || attempt.Committed || attempt.ClientLeft || !attempt.MayRetry)
                {
                    return attempt.Failure;
                }

                failure = attempt.Failure;
                metrics.AttemptFailed(target.Cluster.Id, GatewayErrorTable.Get(failure.Error).Code);
                LogAttemptFailed(logger, request.Id, request.Attempts, target.Cluster.Id, attempt.DestinationId, failure.Message);
                if (attempt.DestinationId is null || !tried.Add(attempt.DestinationId))
                {
                    break;
                }
            }
        }

        return failure ?? new GatewayFailure(
            GatewayError.BackendUnavailable,
            $"No backend of cluster \"{plan[0].Cluster.Id}\" is up at the moment{(plan.Count > 1 ? ", nor of its fallbacks" : "")}. Try again shortly; GET /readyz says what is starting or failed.");
    }

    /// <summary>Points YARP at a target: at the destination that knows the conversation if it is up, else at those that have not failed yet.</summary>
    /// <returns>False when the target has no destination left.</returns>
    private bool TryAssign(HttpContext context, DispatchTarget target, HashSet<string> tried, PinnedDestination? pinned)
    {
        if (!proxyState.TryGetRoute(target.YarpRouteId, out var route) || route.Cluster is not { } cluster)
        {
            return false; // a reload took it away in this very moment
        }

        context.ReassignProxyRequest(route, cluster);
        var feature = context.GetReverseProxyFeature();
        if (tried.Count > 0)
        {
            feature.AvailableDestinations = [.. feature.AvailableDestinations.Where(destination => !tried.Contains(destination.DestinationId))];
        }

        if (pinned?.ClusterId == target.Cluster.Id && feature.AvailableDestinations.FirstOrDefault(destination => destination.DestinationId == pinned.DestinationId) is { } known)
        {
            feature.AvailableDestinations = [known];
        }

        return feature.AvailableDestinations.Count > 0;
    }

    private async Task<Attempt> AttemptAsync(
        HttpContext context, RequestDelegate next, GatewayRequest request, DispatchTarget target, RequestBody body, ChatRequest chat, CancellationToken clientAborted)
    {
        request.Attempt?.Dispose();
        request.Attempts++;
        request.Model = target.Model ?? chat.Model;
        var attempt = request.Attempt = new Attempt(target, timeProvider, clientAborted)
        {
            Committing = request.Decision is not { } decision ? null : committed => router.KeepSession(decision, committed.Target.Cluster.Id, committed.DestinationId),
        };
        context.Features.Set(attempt);
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear(); // status and headers of an attempt before
        context.RequestAborted = attempt.CancellationToken; // YARP gives up when the client leaves or a clock runs out
        var content = target.Model is null ? body.OpenRead() : RewrittenBody.Create(body.Bytes, chat, target.Model);
        context.Request.Body = content;
        context.Request.ContentLength = content.Length;
        context.Request.ContentType ??= "application/json";
        if (chat.Stream)
        {
            attempt.StartFirstTokenClock(); // an answer that is no stream comes whole: it has no first token to wait for
        }

        await next(context);
        if (attempt.Failure is null && context.Features.Get<IForwarderErrorFeature>() is { } error)
        {
            FailFor(error, attempt);
        }

        return attempt;
    }

    /// <summary>Translates YARP's account of an attempt that brought no answer.</summary>
    private static void FailFor(IForwarderErrorFeature error, Attempt attempt)
    {
        if (attempt.TimedOut)
        {
            attempt.FailTimedOut();
            return;
        }

        var cluster = attempt.Target.Cluster.Id;
        var failure = error.Error switch
        {
            ForwarderError.NoAvailableDestinations => (GatewayError.BackendUnavailable, $"No destination of cluster \"{cluster}\" is up at the moment."),
            _ when error.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } =>
                (GatewayError.BackendUnavailable, $"No connection to the backend of cluster \"{cluster}\" could be made."),
            ForwarderError.RequestTimedOut => // YARP's own clock never ends, so this is the HTTP handler's
                (GatewayError.BackendTimeout, $"No connection to the backend of cluster \"{cluster}\" was made within {attempt.Target.Cluster.Timeouts.Connect.TotalSeconds:0.###} s (timeouts.connect)."),
            _ => (GatewayError.BackendFailed, $"The backend of cluster \"{cluster}\" broke the connection before it answered."),
        };
        attempt.Fail(failure.Item1, failure.Item2);
    }

    /// <summary>Before the first byte: status and body. After it: an error event, no <c>[DONE]</c>, and an abort.</summary>
    private static async Task AnswerFailureAsync(HttpContext context, GatewayRequest request, GatewayFailure? failure, CancellationToken clientAborted)
    {
        context.RequestAborted = clientAborted;
        if (failure is null || clientAborted.IsCancellationRequested)
        {
            return;
        }

        if (!context.Response.HasStarted)
        {
            await (request.Attempt?.ErrorAnswer is { } answer ? RelayErrorAsync(context, answer) : ErrorWriter.WriteAsync(context, failure));
            return;
        }

        if (context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
        {
            await context.Response.Body.WriteAsync(ErrorWriter.FormatEvent(failure), clientAborted);
            await context.Response.Body.FlushAsync(clientAborted);
            await Task.Delay(_lingerBeforeAbort, clientAborted);
        }

        context.Abort();
    }

    private static async Task RelayErrorAsync(HttpContext context, BackendErrorAnswer answer)
    {
        context.Response.Clear();
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Body.Length;
        foreach (var (name, value) in answer.RetryHeaders)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private void Account(HttpContext context, GatewayRequest request, GatewayFailure? failure, bool clientLeft)
    {
        var elapsed = timeProvider.GetElapsedTime(request.StartedTimestamp);
        var status = clientLeft ? 499 : context.Response.StatusCode; // 499: nginx's word for a client that left
        metrics.RequestEnded(request, status, elapsed);
        if (receipts.IsOn && RequestReceipt.Create(request, monitor.Current, timeProvider.GetUtcNow(), elapsed) is { } receipt)
        {
            receipts.Add(receipt with { Status = status, ErrorCode = failure is null || clientLeft ? null : GatewayErrorTable.Get(failure.Error).Code });
        }

        var route = request.Decision?.Route.Id ?? "-";
        var outcome = request.Outcome?.ToHeaderValue() ?? "-";
        var confidence = request.Decision?.Confidence ?? 0;
        var cluster = request.Attempt?.Target.Cluster.Id ?? "-";
        var tokens = request.CompletionTokens;
        if (clientLeft || failure is null)
        {
            LogEnded(logger, request.Id, status, route, outcome, confidence, cluster, tokens, elapsed.TotalMilliseconds);
            return;
        }

        var entry = GatewayErrorTable.Get(failure.Error);
        LogFailed(logger, entry.Level, request.Id, status, entry.Code, route, outcome, cluster, elapsed.TotalMilliseconds, failure.Message);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "{RequestId} {Status} route {Route} ({Outcome} {Confidence:0.00}) cluster {Cluster}, {CompletionTokens} tokens in {ElapsedMs:F0} ms")]
    private static partial void LogEnded(ILogger logger, string requestId, int status, string route, string outcome, double confidence, string cluster, int completionTokens, double elapsedMs);

    [LoggerMessage(EventId = 1002, Message = "{RequestId} {Status} {Code} route {Route} ({Outcome}) cluster {Cluster} in {ElapsedMs:F0} ms: {Failure}")]
    private static partial void LogFailed(ILogger logger, LogLevel level, string requestId, int status, string code, string route, string outcome, string cluster, double elapsedMs, string failure);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "{RequestId} attempt {Attempt} at cluster {Cluster}, destination {Destination} failed: {Failure}")]
    private static partial void LogAttemptFailed(ILogger logger, string requestId, int attempt, string cluster, string? destination, string failure);
}
