using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace RouterGateway.Router.Routes;

/// <summary>A route table, or all reasons why there is none.</summary>
public sealed class RouteTableLoadResult
{
    internal RouteTableLoadResult(RouteTable table) => Table = table;

    internal RouteTableLoadResult(ImmutableArray<RouteTableFault> faults, bool mayBeHalfWritten)
    {
        Faults = faults;
        MayBeHalfWritten = mayBeHalfWritten;
    }

    /// <summary>True when there is a table and no fault.</summary>
    [MemberNotNullWhen(true, nameof(Table))]
    public bool IsValid => Table is not null;

    /// <summary>The table; null when there are faults.</summary>
    public RouteTable? Table { get; }

    /// <summary>All faults in the order of the file; empty when there is a table.</summary>
    public ImmutableArray<RouteTableFault> Faults { get; } = [];

    /// <summary>True when the file was missing, empty or not JSON, as a file is while somebody writes it.</summary>
    internal bool MayBeHalfWritten { get; }
}
