using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Gateway.Endpoints;

/// <summary>POST /v1/route: what the gateway would decide, with all scores; dispatches nothing.</summary>
internal static class DryRunEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/v1/route", DecideAsync);

    private static async Task DecideAsync(HttpContext context, PromptRouter router, IOptions<GatewayOptions> options)
    {
        var (body, failure) = await RequestBody.ReadAsync(context.Request, options.Value.MaxRequestBytes, context.RequestAborted);
        using (body)
        {
            RouteRequest? request = null;
            if (body is not null)
            {
                (request, failure) = RouteRequest.Read(body.Bytes, context.Request.Headers);
            }

            if (request is null)
            {
                await ErrorWriter.WriteAsync(context, failure!);
                return;
            }

            // all at once, so that the classifier can batch them
            var decisions = await Task.WhenAll(request.Prompts.Select(prompt => router.RouteAsync(prompt, context.RequestAborted).AsTask()));
            if (!request.IsBatch)
            {
                var gatewayRequest = context.Features.GetRequiredFeature<GatewayRequest>();
                gatewayRequest.Decision = decisions[0];
                gatewayRequest.DecisionId = decisions[0].Id;
                gatewayRequest.Outcome = decisions[0].Outcome;
            }

            await WriteAsync(context, request.IsBatch, decisions);
        }
    }

    private static async Task WriteAsync(HttpContext context, bool isBatch, Decision[] decisions)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        if (!isBatch)
        {
            Write(json, decisions[0]);
            return;
        }

        json.WriteStartObject();
        json.WriteStartArray("decisions"u8);
        foreach (var decision in decisions)
        {
            Write(json, decision);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Decision decision)
    {
        var cluster = decision.Table.ClustersById[decision.Route.ClusterId];
        json.WriteStartObject();
        json.WriteString("id"u8, decision.Id);
        json.WriteString("route"u8, decision.Route.Id);
        json.WriteString("cluster"u8, cluster.Id);
        json.WriteString("model"u8, decision.Route.Model ?? cluster.Model);
        json.WriteNumber("confidence"u8, Math.Round(decision.Confidence, 4));
        json.WriteString("outcome"u8, decision.Outcome.ToHeaderValue());
        if (decision.CachedOutcome is { } cached)
        {
            json.WriteString("decidedBy"u8, cached.ToHeaderValue()); // when it was decided
        }

        DecisionJson.WriteScores(json, decision.Scores);
        json.WriteStartObject("text"u8);
        json.WriteNumber("tokens"u8, decision.TextTokens);
        json.WriteBoolean("truncated"u8, decision.Truncated);
        json.WriteEndObject();
        DecisionJson.WriteTimings(json, decision.Timings);
        json.WriteEndObject();
    }
}
