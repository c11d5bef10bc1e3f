using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Gateway.Decisions;

/// <summary>Where a request goes: the targets in the order in which they are tried.</summary>
/// <param name="Plan">At least one target; empty when <paramref name="Failure"/> is set.</param>
/// <param name="Decision">The router's decision; <c>null</c> when the caller named a cluster or a served model.</param>
/// <param name="Failure">Why the request goes nowhere.</param>
internal sealed record RequestDecision(IReadOnlyList<DispatchTarget> Plan, Decision? Decision, GatewayFailure? Failure = null);
