using System.Collections.Immutable;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>Which tools a caller may use.</summary>
/// <param name="Owner">The caller (<see cref="Decisions.Caller.TenantOf"/>).</param>
/// <param name="Filters">A tool must pass all of them.</param>
internal sealed record ToolAccess(string Owner, ImmutableArray<ToolFilter> Filters)
{
    public bool Allows(RegisteredTool tool)
    {
        foreach (var filter in Filters)
        {
            if (!tool.Passes(filter))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The tool that the caller knows by a name; <c>null</c>: it has none, or may not use it.</summary>
    public RegisteredTool? Find(ToolCatalog catalog, string name) =>
        catalog.For(Owner).Find(name) is { } tool && Allows(tool) ? tool : null;

    /// <summary>Looks for tools among those that the caller may use.</summary>
    /// <param name="text">What is looked for.</param>
    /// <param name="top">Most tools.</param>
    /// <param name="exclude">Names that are left out; <c>null</c>: none.</param>
    public ToolQuery Query(string text, int top, IReadOnlySet<string>? exclude = null) => new() { Text = text, Top = top, Filters = Filters, Exclude = exclude };
}
