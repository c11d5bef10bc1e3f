using System.Text.Json;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>One version of a tool in the registry. Immutable: a running tool loop keeps the version it was given.</summary>
internal sealed class RegisteredTool
{
    private byte[]? _functionJson;

    /// <param name="definition">What is registered.</param>
    /// <param name="owner">Who does.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="since">When the owner first registered a tool of this name; decides who keeps a name that several share.</param>
    public RegisteredTool(ToolDefinition definition, string owner, ToolSource source, DateTimeOffset since = default)
    {
        (Definition, Owner, Source, Since, Version, Name) = (definition, owner, source, since, 1, definition.Name);
        Hash = Digest.Of(ToolDefinitionJson.ToBytes(definition)).ToString();
    }

    private RegisteredTool(RegisteredTool tool, string name, int version, DateTimeOffset since)
    {
        (Definition, Owner, Source, Hash, Name, Version, Since) = (tool.Definition, tool.Owner, tool.Source, tool.Hash, name, version, since);
    }

    /// <summary>What was registered.</summary>
    public ToolDefinition Definition { get; }

    /// <summary>The tenant that registered it (<see cref="Decisions.Caller.TenantOf"/>); <c>routes.json</c> for declared ones, <c>mcp:ID</c> for those of a server.</summary>
    public string Owner { get; }

    public ToolSource Source { get; }

    /// <summary>When the owner first registered a tool of this name; the beginning of time for those of the file and of servers.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>1 at first, one more whenever the definition changed.</summary>
    public int Version { get; }

    /// <summary>Names the content of the definition.</summary>
    public string Hash { get; }

    /// <summary>What callers know it by: the definition's name, but for shared tools of others whose name is taken.</summary>
    public string Name { get; }

    /// <summary>The tool as an element of a request's <c>tools</c>, in OpenAI's notation.</summary>
    public ReadOnlyMemory<byte> FunctionJson => _functionJson ??= WriteFunction();

    /// <summary>True when the gateway can run it; the others are run by the caller.</summary>
    public bool RunsHere => Definition.Target is not ClientTarget;

    /// <summary>True when a filter lets the tool pass, by the name that callers see and by the one that it was registered with. What a caller registered on top of an MCP server's tool must pass as that, too: another name opens no door.</summary>
    public bool Passes(ToolFilter filter) =>
        filter.Allows(Name) && filter.Allows(Definition.Name) && (Source != ToolSource.Caller || Definition.Target is not McpTarget mcp || filter.Allows(McpToolNames.Qualify(mcp.Server, mcp.Tool)));

    public bool IsVisibleTo(string owner) => Source != ToolSource.Caller || Definition.Visibility == ToolVisibility.Shared || Owner == owner;

    /// <summary>The same tool under another name.</summary>
    public RegisteredTool Renamed(string name) => new(this, name, Version, Since);

    /// <summary>The same tool as a later version of one that was registered before.</summary>
    public RegisteredTool AsVersion(int version, DateTimeOffset since) => new(this, Name, version, since);

    private byte[] WriteFunction()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, Name);
            json.WriteString("description"u8, Definition.Description);
            json.WritePropertyName("parameters"u8);
            Definition.Parameters.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
