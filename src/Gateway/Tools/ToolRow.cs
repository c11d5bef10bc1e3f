using System.Text.Json;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>A registration as a row of the table that gateways share: key <c>owner:name</c>, value the definition and its version.</summary>
internal static class ToolRow
{
    public static string KeyOf(ToolKey key) => $"{key.Owner}:{key.Name}";

    /// <summary>Reads a key; <c>null</c> when somebody else wrote it.</summary>
    public static ToolKey? ReadKey(string row) =>
        row.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && ToolDefinition.IsName(row[(colon + 1)..]) ? new ToolKey(row[..colon], row[(colon + 1)..]) : null;

    public static SharedRow Write(Registration registration)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, registration.Tool.Version);
            json.WriteString("since"u8, registration.Tool.Since);
            json.WriteStartObject("tool"u8);
            ToolDefinitionJson.WriteMembers(json, registration.Tool.Definition);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new SharedRow(KeyOf(registration.Key), bytes.ToArray(), registration.LeaseUntil);
    }

    /// <summary>Reads a row; <c>null</c> when it is none, or one of a gateway whose definitions this one does not know.</summary>
    public static Registration? Read(SharedRow row)
    {
        try
        {
            using var document = JsonDocument.Parse(row.Value, new JsonDocumentOptions { MaxDepth = Protocols.ChatRequestReader.MaxDepth });
            return ReadKey(row.Key) is { } key && document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("version"u8, out var version) && version.TryGetInt32(out var number)
                && root.TryGetProperty("since"u8, out var since) && since.TryGetDateTimeOffset(out var time)
                && root.TryGetProperty("tool"u8, out var tool) && ToolDefinitionReader.Read(tool, key.Name).Definition is { } definition
                ? new Registration(new RegisteredTool(definition, key.Owner, ToolSource.Caller).AsVersion(number, time), row.LeaseUntil ?? DateTimeOffset.MaxValue, IsShared: true)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
