using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>What the router is told at start-up; all else is in the routes file.</summary>
public sealed class RouterOptions
{
    /// <summary>Path of the routes file. Default: <c>routes.json</c> in the working folder.</summary>
    public string RoutesFile { get; set; } = "routes.json";

    /// <summary>Whether decisions and conversations are remembered, in memory and in Redis as the file says. Default: yes; measurements want every prompt decided.</summary>
    public bool Remembers { get; set; } = true;

    /// <summary>What is classified, in place of <c>router.text</c> of the file, for measurements. Default: <c>null</c>, as the file says.</summary>
    public TextScope? Text { get; set; }

    /// <summary>A table that is ready, in place of what is in the file. Default: <c>null</c>, the file is read.</summary>
    internal RouteTable? Table { get; set; }
}
