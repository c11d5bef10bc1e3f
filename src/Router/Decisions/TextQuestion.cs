using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>A text to decide on.</summary>
/// <param name="Table">By which table.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Text">The text.</param>
/// <param name="Digest">Of the text.</param>
/// <param name="Started">When the decision began, on the clock of the router: the deadline counts from then on.</param>
/// <param name="Redis">How long the decision may wait for Redis; null when nothing is remembered.</param>
internal readonly record struct TextQuestion(RouteTable Table, string Tenant, string Text, Digest Digest, long Started, RedisAllowance? Redis);
