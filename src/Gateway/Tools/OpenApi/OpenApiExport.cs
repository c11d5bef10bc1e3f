using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Writes tools as an OpenAPI 3.1 document, for frameworks that take tools that way; each is called through the gateway.</summary>
internal static class OpenApiExport
{
    /// <summary>Writes the document.</summary>
    /// <param name="tools">Unique by name.</param>
    /// <param name="serverUrl">Where callers reach the gateway.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Write(IReadOnlyList<RegisteredTool> tools, string serverUrl)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("openapi", "3.1.0");
            WriteInfo(json);
            WriteServer(json, serverUrl);
            json.WriteStartObject("paths");
            foreach (var tool in tools)
            {
                WritePath(json, tool);
            }

            json.WriteEndObject();
            WriteComponents(json, tools);
            WriteSecurity(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteInfo(Utf8JsonWriter json)
    {
        json.WriteStartObject("info");
        json.WriteString("title", "RouterGateway tools");
        json.WriteString("version", "1");
        json.WriteEndObject();
    }

    private static void WriteServer(Utf8JsonWriter json, string serverUrl)
    {
        json.WriteStartArray("servers");
        json.WriteStartObject();
        json.WriteString("url", serverUrl);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteSecurity(Utf8JsonWriter json)
    {
        json.WriteStartArray("security");
        json.WriteStartObject();
        json.WriteStartArray("bearer");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WritePath(Utf8JsonWriter json, RegisteredTool tool)
    {
        json.WriteStartObject($"/v1/tools/{tool.Name}/call");
        json.WriteStartObject("post");
        json.WriteString("operationId", tool.Name);
        json.WriteString("description", tool.Definition.Description);
        json.WriteStartObject("requestBody");
        json.WriteBoolean("required", true);
        WriteContent(json, tool.Name);
        json.WriteEndObject();
        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", "What came of the call");
        WriteContent(json, ResultName);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // a dot, so that no tool has the name
    private const string ResultName = "tool.result";

    private static void WriteContent(Utf8JsonWriter json, string schema)
    {
        json.WriteStartObject("content");
        json.WriteStartObject("application/json");
        json.WriteStartObject("schema");
        json.WriteString("$ref", "#/components/schemas/" + schema);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter json, IReadOnlyList<RegisteredTool> tools)
    {
        json.WriteStartObject("components");
        json.WriteStartObject("schemas");
        foreach (var tool in tools)
        {
            json.WritePropertyName(tool.Name);
            EmbeddedSchema.Write(json, tool.Definition.Parameters, "#/components/schemas/" + tool.Name);
        }

        json.WritePropertyName(ResultName);
        json.WriteRawValue("""{"type":"object","properties":{"content":{"type":"string"},"is_error":{"type":"boolean"}},"required":["content","is_error"]}""");
        json.WriteEndObject();
        json.WritePropertyName("securitySchemes");
        json.WriteRawValue("""{"bearer":{"type":"http","scheme":"bearer"}}""");
        json.WriteEndObject();
    }
}
