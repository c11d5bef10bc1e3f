namespace RouterGateway.Gateway.Proxy;

/// <summary>Keys under which a YARP cluster carries what YARP's own configuration has no field for.</summary>
internal static class ClusterMetadata
{
    /// <summary>Id of the cluster in <c>routes.json</c>.</summary>
    public const string Cluster = "Cluster";

    /// <summary>The connect clock, as a constant-format <see cref="TimeSpan"/>.</summary>
    public const string ConnectTimeout = "ConnectTimeout";
}
