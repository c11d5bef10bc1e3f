namespace RouterGateway.Router.Routes;

/// <summary>How the callers that have a certain key use tools.</summary>
/// <param name="Key">Where the key is found.</param>
/// <param name="Tools">What holds for them.</param>
public sealed record ToolCaller(ClusterCredentials Key, RouteTools Tools);
