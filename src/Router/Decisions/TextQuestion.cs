using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>A text to decide on.</summary>
/// <param name="Table">By which table.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Text">The text.</param>
/// <param name="Digest">Of the text.</param>
/// <param name="Started">When the decision began, on the clock of the router: from then on count the deadline and the budget of Redis.</param>
internal readonly record struct TextQuestion(RouteTable Table, string Tenant, string Text, Digest Digest, long Started);
