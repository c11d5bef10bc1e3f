using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Makes tools of the operations of an OpenAPI document, 3.0 or 3.1 in JSON.</summary>
/// <remarks>
/// Read by hand: Microsoft.OpenApi 3.11 rewrites schemas on their way through its model (<c>"const": 5</c> becomes <c>"5"</c>, the schema <c>true</c>
/// <c>null</c>, <c>prefixItems</c> moves into an object that no validator knows), and a tool would check its arguments against another schema than its
/// author wrote. All work is bounded, for any caller may send a document: its size and depth, operations, what one schema grows to when its references
/// come along, and what all of them grow to.
/// </remarks>
internal sealed class OpenApiImport
{
    /// <summary>Most bytes of a document.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Most operations of a document.</summary>
    public const int MostOperations = 2_000;

    private const int MostSkipped = 4_000;
    private const long MostWrittenBytes = 32 * 1024 * 1024;
    private const int Deepest = 64;

    private static readonly string[] _methods = ["get", "post", "put", "patch", "delete"];
    private static readonly string[] _otherMethods = ["head", "options", "trace"];

    private readonly OpenApiSource _source;
    private readonly List<ToolDefinition> _tools = [];
    private readonly List<string> _skipped = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _operations;
    private long _written;
    private string? _fault;

    private OpenApiImport(OpenApiSource source) => _source = source;

    /// <summary>Reads a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="baseUrl">Absolute; where servers are whose URL is relative, or that are not named. <c>null</c>: unknown.</param>
    /// <param name="headers">Names of secrets of <c>routes.json</c> by names of security schemes; <c>null</c>: none.</param>
    public static OpenApiImportResult Read(JsonElement document, string? baseUrl, IReadOnlyDictionary<string, string>? headers = null) =>
        Read(document.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(document), baseUrl, headers);

    /// <summary>Reads a document.</summary>
    /// <param name="document">UTF-8 JSON.</param>
    /// <param name="baseUrl">Absolute; where servers are whose URL is relative, or that are not named. <c>null</c>: unknown.</param>
    /// <param name="headers">Names of secrets of <c>routes.json</c> by names of security schemes; <c>null</c>: none.</param>
    public static OpenApiImportResult Read(ReadOnlySpan<byte> document, string? baseUrl, IReadOnlyDictionary<string, string>? headers = null)
    {
        if (document.Length > MostBytes)
        {
            return OpenApiImportResult.Refused($"The document has {document.Length} bytes; at most {MostBytes} are read.");
        }

        if (baseUrl is not null && HttpTargetCheck.UrlFault(baseUrl) is { } fault)
        {
            return OpenApiImportResult.Refused($"The base URL {fault}.");
        }

        try
        {
            return Utf8.IsValid(document) && JsonUnicode.IsValid(document)
                ? Read(JsonElement.Parse(document, new JsonDocumentOptions { MaxDepth = Deepest }), baseUrl is null ? null : new Uri(baseUrl), headers)
                : OpenApiImportResult.Refused("The document holds text that is not Unicode.");
        }
        catch (JsonException e)
        {
            return OpenApiImportResult.Refused($"The document is not JSON: {Protocols.ChatRequestReader.Explain(e)}");
        }
    }

    private static OpenApiImportResult Read(JsonElement root, Uri? baseUrl, IReadOnlyDictionary<string, string>? headers)
    {
        var version = root.Text("openapi") ?? "";
        var isVersion30 = version.StartsWith("3.0.", StringComparison.Ordinal);
        if (!isVersion30 && !version.StartsWith("3.1.", StringComparison.Ordinal))
        {
            return OpenApiImportResult.Refused(root.Has("swagger") ? "The document is Swagger 2.0; convert it to OpenAPI 3." : "The document's \"openapi\" must be 3.0.x or 3.1.x.");
        }

        var secrets = headers is null ? ImmutableDictionary<string, string>.Empty : headers.ToImmutableDictionary(StringComparer.Ordinal);
        return new OpenApiImport(new OpenApiSource(root, new OpenApiReferences(root), isVersion30, baseUrl, secrets)).Read();
    }

    private OpenApiImportResult Read()
    {
        foreach (var path in _source.Root.Member("paths").Members())
        {
            if (!_source.References.TryFollow(path.Value, out var pathItem, out _, out var fault))
            {
                Skip(path.Name, fault);
                continue;
            }

            foreach (var operation in pathItem.Members())
            {
                Read(path.Name, pathItem, operation);
                if (_fault is not null)
                {
                    return OpenApiImportResult.Refused(_fault);
                }
            }
        }

        return new OpenApiImportResult(_tools, [.. _skipped.Distinct(StringComparer.Ordinal)], null);
    }

    private void Read(string path, JsonElement pathItem, JsonProperty operation)
    {
        var method = operation.Name.ToUpperInvariant();
        var label = $"{method} {OpenApiReferences.Brief(path)}";
        if (_otherMethods.Contains(operation.Name))
        {
            Skip(label, $"is {method}, and tools use {string.Join(", ", HttpTargetCheck.Methods)}");
        }

        if (!_methods.Contains(operation.Name))
        {
            return;
        }

        if (++_operations > MostOperations)
        {
            _fault = $"The document has more than {MostOperations} operations.";
            return;
        }

        if (operation.Value.ValueKind != JsonValueKind.Object)
        {
            Skip(label, "is no object");
            return;
        }

        var name = operation.Value.Text("operationId") is { } id ? OpenApiNames.Fit(id, OpenApiNames.Of(method, path)) : OpenApiNames.Of(method, path);
        Add(label, OpenApiNames.Unique(name, _names), method, path, pathItem, operation.Value);
    }

    private void Add(string label, string name, string method, string path, JsonElement pathItem, JsonElement operation)
    {
        var (definition, fault) = OpenApiOperation.Write(_source, name, method, path, pathItem, operation, note => Skip(label, note));
        _written += definition.Length; // of those that are of no use, too: they were work
        if (_written > MostWrittenBytes)
        {
            _fault = $"The document makes tools of more than {MostWrittenBytes / 1024 / 1024} MiB, for their schemas repeat what they refer to.";
            return;
        }

        if (fault is not null)
        {
            Skip(label, fault);
            return;
        }

        var (tool, faults) = ToolDefinitionReader.Read(JsonElement.Parse(definition, new JsonDocumentOptions { MaxDepth = Deepest * 2 }));
        if (tool is null)
        {
            Skip(label, $"makes no tool: {string.Join("; ", faults.Take(3).Select(static fault => $"{fault.Path} {fault.Message}"))}");
            return;
        }

        _tools.Add(tool);
    }

    private void Skip(string label, string reason)
    {
        if (_skipped.Count < MostSkipped)
        {
            _skipped.Add($"{label} {reason}");
        }
    }
}
