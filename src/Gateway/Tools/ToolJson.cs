using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>Tools in answers of the API.</summary>
internal static class ToolJson
{
    /// <summary>Writes a tool as an object. Where a tool of somebody else leads is nobody's business.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="tool">The tool under the name that the caller knows.</param>
    /// <param name="owner">The caller.</param>
    /// <param name="leaseUntil">When the lease ends; <c>null</c>: never.</param>
    public static void Write(Utf8JsonWriter json, RegisteredTool tool, string owner, DateTimeOffset? leaseUntil)
    {
        var isOwn = tool.Source == ToolSource.Caller && tool.Owner == owner;
        json.WriteStartObject();
        if (isOwn)
        {
            ToolDefinitionJson.WriteMembers(json, tool.Definition);
        }
        else
        {
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Definition.Description);
            json.WritePropertyName("parameters"u8);
            tool.Definition.Parameters.WriteTo(json);
            json.WriteString("type"u8, tool.Definition.Target.Type);
            json.WriteString("visibility"u8, "shared"u8);
        }

        json.WriteString("owner"u8, isOwn ? "self" : tool.Source switch { ToolSource.File => "routes.json", ToolSource.McpServer => tool.Owner, _ => "other" });
        json.WriteNumber("version"u8, tool.Version);
        if (leaseUntil is { } until)
        {
            json.WriteString("leaseUntil"u8, until.UtcDateTime);
        }

        json.WriteEndObject();
    }
}
