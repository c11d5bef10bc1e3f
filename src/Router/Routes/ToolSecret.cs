using System.Collections.Immutable;

namespace RouterGateway.Router.Routes;

/// <summary>A secret that tools may be sent.</summary>
/// <param name="Credentials">Where it is found.</param>
/// <param name="Hosts">The hosts that may see it; never empty.</param>
public sealed record ToolSecret(ClusterCredentials Credentials, ImmutableArray<string> Hosts);
