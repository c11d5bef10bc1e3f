using System.Buffers;
using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Turns what a server lists into definitions. What is unusable is left out, each with a reason.</summary>
internal static class McpToolDefinitions
{
    private const int LongestSchema = 64 * 1024; // characters; models read it with every request

    /// <summary>Builds the definitions.</summary>
    /// <param name="serverId">The server.</param>
    /// <param name="tools">Tools as the protocol writes them, each name once.</param>
    /// <param name="skipped">Told of each that is left out: its name and why.</param>
    public static List<ToolDefinition> Create(string serverId, IReadOnlyDictionary<string, JsonElement> tools, Action<string, string> skipped)
    {
        var names = McpToolNames.Of(serverId, [.. tools.Keys]);
        var definitions = new List<ToolDefinition>(tools.Count);
        foreach (var (own, tool) in tools)
        {
            var (definition, fault) = Create(names[own], new McpTarget(serverId, own), tool);
            if (definition is null)
            {
                skipped(own, fault!);
            }
            else
            {
                definitions.Add(definition);
            }
        }

        return definitions;
    }

    private static (ToolDefinition? Definition, string? Fault) Create(string name, McpTarget target, JsonElement tool)
    {
        if (tool.TryGetProperty("inputSchema"u8, out var schema) && schema.GetRawText().Length > LongestSchema)
        {
            return (null, $"inputSchema has more than {LongestSchema} characters");
        }

        try
        {
            var (definition, faults) = ToolDefinitionReader.Read(Rewrite(name, target, tool, schema));
            return (definition, definition is null ? string.Join("; ", faults.Select(static fault => $"{fault.Path} {fault.Message}")) : null);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            return (null, e.Message); // half a surrogate pair, or nested too deeply
        }
    }

    /// <summary>Writes the tool as callers register theirs, so that the same rules hold for both.</summary>
    private static JsonElement Rewrite(string name, McpTarget target, JsonElement tool, JsonElement schema)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            if (tool.TryGetProperty("description"u8, out var description) || tool.TryGetProperty("title"u8, out description))
            {
                json.WritePropertyName("description"u8);
                description.WriteTo(json);
            }

            if (schema.ValueKind != JsonValueKind.Undefined)
            {
                json.WritePropertyName("parameters"u8);
                schema.WriteTo(json);
            }

            json.WriteString("visibility"u8, "shared"u8);
            json.WriteStartObject("mcp"u8);
            json.WriteString("server"u8, target.Server);
            json.WriteString("tool"u8, target.Tool);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }
}
