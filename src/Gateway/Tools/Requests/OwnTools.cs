using System.Text.Json;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>The tools that a caller brought along.</summary>
internal static class OwnTools
{
    /// <summary>Names of the functions and custom tools in a request's <c>tools</c>; whatever else stands there is the backend's business.</summary>
    public static HashSet<string> NamesIn(ReadOnlyMemory<byte> tools)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (tools.IsEmpty)
        {
            return names;
        }

        using var document = JsonDocument.Parse(tools, new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth });
        foreach (var tool in document.RootElement.EnumerateArray())
        {
            if (NameOf(tool) is { } name)
            {
                names.Add(name);
            }
        }

        return names;
    }

    private static string? NameOf(JsonElement tool)
    {
        try
        {
            return tool.ValueKind == JsonValueKind.Object && (tool.TryGetProperty("function"u8, out var function) || tool.TryGetProperty("custom"u8, out function)) && function.ValueKind == JsonValueKind.Object
                && function.TryGetProperty("name"u8, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (InvalidOperationException) // half a surrogate pair, in a text or in any name on the way
        {
            return null;
        }
    }
}
