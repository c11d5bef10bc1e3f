namespace RouterGateway.Router.Routes;

/// <summary>Reads a routes file (JSON with comments and trailing commas) into a <see cref="RouteTable"/>.</summary>
public static class RouteTableLoader
{
    /// <summary>Reads and checks the file, its examples files and the model folders it names; never throws for what they hold.</summary>
    /// <param name="file">Path of the routes file; folders named in it are relative to its own.</param>
    public static RouteTableLoadResult Load(string file) => throw new NotImplementedException();
}
