using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Router;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The tools that an MCP client may list and call: what its owner sees, the gateway runs and the operator lets pass.</summary>
internal sealed class OfferedTools(ToolRegistry registry, ToolPolicy policy)
{
    /// <summary>All of them in the order of their names (ordinal).</summary>
    public IReadOnlyList<RegisteredTool> For(string owner)
    {
        var access = policy.AccessOf(owner);
        return [.. registry.Current.For(owner).Tools.Where(tool => tool.RunsHere && access.Allows(tool))];
    }

    /// <returns><c>null</c>: there is none of that name, or not for this owner; the two look the same.</returns>
    public RegisteredTool? Find(string owner, string name) => policy.AccessOf(owner).Find(registry.Current, name) is { RunsHere: true } tool ? tool : null;

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
}
