using System.Text.Json;
using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>Schemas and documents written as text.</summary>
internal static class SchemaDocuments
{
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 100_000 };

    public static JsonSchema Schema(string json)
    {
        var isRead = JsonSchema.TryCreate(Parse(json), out var schema, out var fault);
        Assert.True(isRead, fault);
        return schema!; // or it would not have been read
    }

    public static string Fault(string json)
    {
        Assert.False(JsonSchema.TryCreate(Parse(json), out var schema, out var fault), "it was accepted");
        Assert.Null(schema);
        return fault!; // or it would have been read
    }

    /// <summary>The faults of a document, each as "path: message".</summary>
    public static string[] Check(string schema, string document, int maxFaults = 8) =>
        [.. Schema(schema).Check(Parse(document), maxFaults).Select(static fault => fault.ToString())];

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, _deep);
        return document.RootElement.Clone();
    }
}
