using System.Globalization;
using System.Text;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Gateway.Decisions;

/// <summary>Puts the decision and its timings on every response, errors and streams alike, when its head is sent.</summary>
internal sealed class DecisionHeaders(RequestDelegate next, TimeProvider timeProvider)
{
    private const int MaxRequestIdLength = 128;

    public Task InvokeAsync(HttpContext context)
    {
        var request = new GatewayRequest(RequestId(context), timeProvider.GetTimestamp());
        context.Features.Set(request);
        context.Response.OnStarting(static state =>
        {
            var (context, request, timeProvider) = ((HttpContext, GatewayRequest, TimeProvider))state;
            Write(context.Response.Headers, request, timeProvider);
            return Task.CompletedTask;
        }, (context, request, timeProvider));
        return next(context);
    }

    private static void Write(IHeaderDictionary headers, GatewayRequest request, TimeProvider timeProvider)
    {
        headers["x-request-id"] = request.Id;
        if (request.Outcome is { } outcome)
        {
            headers["x-router-outcome"] = outcome.ToHeaderValue();
            headers["x-router-decision-id"] = request.DecisionId;
        }

        if (request.Decision is { } decision)
        {
            headers["x-router-route"] = decision.Route.Id;
            headers["x-router-confidence"] = decision.Confidence.ToString("0.####", CultureInfo.InvariantCulture);
            if (decision.Truncated)
            {
                headers["x-router-truncated"] = "true";
            }
        }

        if (request.Attempt is { } attempt)
        {
            headers["x-router-cluster"] = attempt.Target.Cluster.Id;
            if (attempt.DestinationId is { } destination)
            {
                headers["x-router-destination"] = destination;
            }
        }

        if (request.Model is { Length: > 0 } model)
        {
            headers["x-router-model"] = model;
        }

        if (!request.OfferedTools.IsEmpty)
        {
            headers["x-router-tools"] = string.Join(',', request.OfferedTools.Select(static tool => tool.Name));
        }

        headers["server-timing"] = Timing(request, timeProvider);
    }

    private static string Timing(GatewayRequest request, TimeProvider timeProvider)
    {
        var text = new StringBuilder(96);
        Add("parse", request.ParseMs);
        if (request.Decision is { Outcome: not DecisionOutcome.Pinned } decision)
        {
            Add("cache", decision.Timings.CacheMs);
            Add("queue", decision.Timings.QueueMs);
            Add("classify", decision.Timings.TokeniseMs + decision.Timings.EmbedMs + decision.Timings.HeadMs);
            Add("score", decision.Timings.ScoreMs);
        }

        Add("decide", request.DecideMs);
        if (request.Attempt?.TimeToFirstToken is { } firstToken)
        {
            Add("backend", firstToken.TotalMilliseconds);
        }

        Add("total", timeProvider.GetElapsedTime(request.StartedTimestamp).TotalMilliseconds);
        return text.ToString();

        void Add(string stage, double ms)
        {
            if (ms > 0)
            {
                text.Append(text.Length > 0 ? ", " : "").Append(stage).Append(";dur=").Append(ms.ToString("0.###", CultureInfo.InvariantCulture));
            }
        }
    }

    private static string RequestId(HttpContext context)
    {
        var given = context.Request.Headers["x-request-id"].ToString();
        return given.Length is > 0 and <= MaxRequestIdLength && given.All(static character => character is > ' ' and < (char)127)
            ? given
            : "req_" + Guid.NewGuid().ToString("N");
    }
}
