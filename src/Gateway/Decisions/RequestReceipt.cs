using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Decisions;

/// <summary>Makes the receipt of a request that has ended.</summary>
internal static class RequestReceipt
{
    /// <param name="request">The request.</param>
    /// <param name="current">The running table, which a request that named a cluster went by.</param>
    /// <param name="now">The time.</param>
    /// <param name="elapsed">Since the request arrived.</param>
    /// <returns>All but the status; <c>null</c> when nothing was decided.</returns>
    public static DecisionReceipt? Create(GatewayRequest request, RouteTable current, DateTimeOffset now, TimeSpan elapsed)
    {
        if (request is not { Outcome: { } outcome, DecisionId: { } id })
        {
            return null;
        }

        var arrived = now - elapsed;
        var receipt = request.Decision is { } decision ? DecisionReceipt.Of(decision, arrived) : DecisionReceipt.Of(id, current, outcome, arrived);
        var attempt = request.Attempt;
        return receipt with
        {
            RequestId = request.Id,
            HasTools = request.HasTools,
            HasImages = request.HasImages,
            ClusterId = attempt?.Target.Cluster.Id,
            DestinationId = attempt?.DestinationId,
            Model = request.Model,
            Attempts = request.Attempts,
            PromptTokens = request.PromptTokens is >= 0 and var prompt ? prompt : null,
            CompletionTokens = request.CompletionTokens is >= 0 and var completion ? completion : null,
            OfferedTools = [.. request.OfferedTools.Select(static tool => tool.Name)],
            ToolCalls = [.. request.ToolCalls],
            Timings = receipt.Timings with
            {
                ParseMs = request.ParseMs,
                DecideMs = request.DecideMs,
                FirstTokenMs = attempt?.TimeToFirstToken?.TotalMilliseconds,
                TotalMs = elapsed.TotalMilliseconds,
            },
        };
    }
}
