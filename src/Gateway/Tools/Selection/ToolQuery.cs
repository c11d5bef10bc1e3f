using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Which tools are looked for.</summary>
internal sealed record ToolQuery
{
    /// <summary>The prompt, or what of it tells what is asked.</summary>
    public required string Text { get; init; }

    /// <summary>Most tools to be returned.</summary>
    public required int Top { get; init; }

    /// <summary>All of these must let a tool pass.</summary>
    public IReadOnlyList<ToolFilter> Filters { get; init; } = [];

    /// <summary>Names that are left out, such as those of tools that the request brings along.</summary>
    public IReadOnlySet<string>? Exclude { get; init; }

    public bool Allows(RegisteredTool tool)
    {
        for (var i = 0; i < Filters.Count; i++)
        {
            if (!tool.Passes(Filters[i]))
            {
                return false;
            }
        }

        return Exclude is null || !Exclude.Contains(tool.Name);
    }
}
