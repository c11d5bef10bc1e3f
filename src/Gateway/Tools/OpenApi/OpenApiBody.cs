using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>The body of an operation.</summary>
/// <param name="Schema">What it may be; undefined: there is none.</param>
/// <param name="Pointer">Where the schema is; <c>null</c>: in the operation.</param>
/// <param name="Description">For models; may be <c>null</c>.</param>
/// <param name="IsRequired">Whether every call has it.</param>
internal sealed record OpenApiBody(JsonElement Schema, string? Pointer, string? Description, bool IsRequired)
{
    private static readonly FrozenSet<string> _mergeable = new[]
    {
        "type", "properties", "required", "additionalProperties", "title", "description", "example", "examples", "nullable", "xml", "externalDocs", "deprecated", "default", "$schema", "$comment",
    }.ToFrozenSet();

    private static readonly OpenApiBody _none = new(default, null, null, IsRequired: false);

    /// <summary>False when calls have no body.</summary>
    public bool Exists => !ReferenceEquals(this, _none);

    /// <summary>True when each property can be an argument.</summary>
    public bool IsObject => !Schema.IsTrue("nullable") && (Schema.Text("type") == "object" || (!Schema.Has("type") && Schema.Has("properties")));

    /// <summary>True when the properties can stand among other arguments.</summary>
    public bool IsMergeable => IsObject && Schema.Members().All(static member => _mergeable.Contains(member.Name));

    /// <summary>Reads the body of an operation.</summary>
    public static bool TryRead(OpenApiReferences references, string method, JsonElement operation, out OpenApiBody body, [NotNullWhen(false)] out string? fault)
    {
        (body, fault) = (_none, null);
        if (!operation.Has("requestBody"))
        {
            return true;
        }

        if (!references.TryFollow(operation.Member("requestBody"), out var request, out _, out fault))
        {
            return false;
        }

        if (method == "GET")
        {
            fault = request.IsTrue("required") ? "needs a body, which GET has none of" : null;
            return fault is null;
        }

        var content = request.Member("content").Members().ToArray();
        var json = Array.Find(content, static type => type.Name.Split(';')[0].Trim().ToLowerInvariant() is "application/json" or "application/*" or "*/*");
        if (json.Value.ValueKind == JsonValueKind.Undefined)
        {
            fault = $"takes {(content.Length == 0 ? "a body of no type" : OpenApiReferences.Brief(content[0].Name))}; tools send JSON";
            return false;
        }

        var schema = json.Value.Member("schema");
        string? pointer = null;
        if (schema.Text("$ref") is { } reference && IsAlias(schema) && !references.TryFollow(reference, out schema, out pointer, out fault, IsAlias))
        {
            return false;
        }

        body = new OpenApiBody(schema, pointer, request.Text("description"), request.IsTrue("required"));
        return true;
    }

    // since 3.1 more may stand beside a reference, and counts
    private static bool IsAlias(JsonElement schema) => schema.Members().All(static member => member.Name is "$ref" or "description" or "title" or "summary");
}
