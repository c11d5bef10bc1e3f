using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes;

/// <summary>How the requests of a route, or of a key, use registered tools.</summary>
public sealed record RouteTools
{
    /// <summary>Leaves everything to the request.</summary>
    public static RouteTools Default { get; } = new();

    /// <summary>How many registered tools are offered to the model; 0 = none; null = not said here.</summary>
    public int? Select { get; init; }

    /// <summary>Whether the gateway runs the tools that the model calls; null = not said here.</summary>
    public bool? Execute { get; init; }

    /// <summary>Which tools may be offered.</summary>
    public ToolFilter Filter { get; init; } = ToolFilter.All;
}
