namespace RouterGateway.Router;

/// <summary>What the router is told at start-up; all else is in the routes file.</summary>
public sealed class RouterOptions
{
    /// <summary>Path of the routes file. Default: <c>routes.json</c> in the working folder.</summary>
    public string RoutesFile { get; set; } = "routes.json";
}
