using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The tools that an MCP client may list and call: what its owner sees, the gateway runs and the operator lets pass.</summary>
internal sealed class OfferedTools(ToolRegistry registry, RouteTableMonitor monitor)
{
    /// <summary>All of them in the order of their names (ordinal).</summary>
    public IReadOnlyList<RegisteredTool> For(string owner) => [.. registry.Current.For(owner).Tools.Where(tool => MayUse(owner, tool))];

    /// <returns><c>null</c>: there is none of that name, or not for this owner; the two look the same.</returns>
    public RegisteredTool? Find(string owner, string name) => registry.Current.For(owner).Find(name) is { } tool && MayUse(owner, tool) ? tool : null;

    /// <summary>Names what an owner is offered: another text when a tool came, went or changed.</summary>
    public string Signature(string owner)
    {
        var text = new System.Text.StringBuilder();
        foreach (var tool in For(owner))
        {
            text.Append(tool.Name).Append('\n').Append(tool.Hash).Append('\n');
        }

        return Digest.Of(text.ToString()).ToString();
    }

    /// <summary>The one place that decides. Filters go by the name that a tool was registered with, as operators know it; a view may add a suffix to it.</summary>
#pragma warning disable IDE0060 // filters per key will ask for the owner
    private bool MayUse(string owner, RegisteredTool tool) => tool.RunsHere && monitor.Current.Tools.Filter.Allows(tool.Definition.Name);
#pragma warning restore IDE0060
}
