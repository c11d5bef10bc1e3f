using System.Collections.Immutable;

namespace RouterGateway.Router.Routes;

/// <summary>The routes file was refused when nothing else could run; the message lists every fault on a line of its own.</summary>
public sealed class RouteTableException(ImmutableArray<RouteTableFault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>All faults in the order of the file.</summary>
    public ImmutableArray<RouteTableFault> Faults { get; } = faults;
}
