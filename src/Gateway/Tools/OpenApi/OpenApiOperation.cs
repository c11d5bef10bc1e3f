using System.Text;
using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Makes a definition of one operation, as <see cref="ToolDefinitionReader"/> reads them: what holds for tools that callers register holds for these.</summary>
internal sealed class OpenApiOperation
{
    private const int MostParameterBytes = 256 * 1024;
    private const int LongestDescription = 8_000;

    private readonly OpenApiSource _source;
    private readonly IReadOnlyList<OpenApiArgument> _arguments;
    private readonly OpenApiBody _body;
    private readonly bool _isBodyMerged;
    private readonly string? _bodyName;

    private OpenApiOperation(OpenApiSource source, IReadOnlyList<OpenApiArgument> arguments, OpenApiBody body, string method)
    {
        (_source, _arguments, _body) = (source, arguments, body);
        var names = arguments.Select(static argument => argument.Name).ToHashSet(StringComparer.Ordinal);
        IsBodyAll = body.IsObject && arguments.Count == 0 && method != "DELETE";
        _isBodyMerged = !IsBodyAll && body.IsMergeable && method != "DELETE" && !body.Schema.Member("properties").Members().Any(property => names.Contains(property.Name));
        _bodyName = body.Exists && !IsBodyAll && !_isBodyMerged ? OpenApiNames.Unique("body", names) : null;
    }

    // the schema of the body is the schema of the arguments, as it stands
    private bool IsBodyAll { get; }

    /// <summary>Writes the definition.</summary>
    /// <param name="source">The document.</param>
    /// <param name="name">Of the tool.</param>
    /// <param name="method">In capitals.</param>
    /// <param name="path">As the document has it.</param>
    /// <param name="pathItem">What stands under the path.</param>
    /// <param name="operation">What stands under the method.</param>
    /// <param name="note">Takes what is left out, to be read behind the operation's name.</param>
    /// <returns>The definition as JSON, of use unless there is a fault: why the operation is no tool.</returns>
    public static (byte[] Definition, string? Fault) Write(
        OpenApiSource source, string name, string method, string path, JsonElement pathItem, JsonElement operation, Action<string> note)
    {
        if (!path.StartsWith('/') || path.AsSpan().IndexOfAny('?', '#', '\\') >= 0)
        {
            return ([], "has a path that is none");
        }

        if (source.ServerOf(operation, pathItem) is not { } server)
        {
            return ([], "is on no server with an absolute http(s) URL");
        }

        var (arguments, fault) = new OpenApiParameters(source.References, note).Read(path, pathItem, operation);
        if (fault is not null || !OpenApiBody.TryRead(source.References, method, operation, out var body, out fault))
        {
            return ([], fault);
        }

        var headers = new OpenApiSecurity(source, note).Read(operation);
        arguments = [.. arguments.Where(argument => argument.Place != "header" || !headers.ContainsKey(argument.WireName))];
        var made = new OpenApiOperation(source, arguments, body, method);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("description", Describe(operation, method, path));
            fault = made.WriteParameters(json);
            made.WriteTarget(json, method, server + path, headers);
            json.WriteEndObject();
        }

        return (bytes.ToArray(), fault);
    }

    private static string Describe(JsonElement operation, string method, string path)
    {
        var (summary, description) = (operation.Text("summary"), operation.Text("description"));
        var text = summary is null ? description ?? $"{method} {path}"
            : description is null || description.StartsWith(summary, StringComparison.Ordinal) ? description ?? summary
            : $"{summary}\n{description}";
        return text.Length <= LongestDescription ? text : text[..(LongestDescription - (char.IsHighSurrogate(text[LongestDescription - 1]) ? 1 : 0))];
    }

    private string? WriteParameters(Utf8JsonWriter json)
    {
        json.WriteStartObject("parameters");
        var schemas = new OpenApiSchemas(_source.References, _source.IsVersion30, IsBodyAll ? _body.Pointer : null, json, MostParameterBytes);
        if (IsBodyAll)
        {
            schemas.WriteRoot(_body.Schema);
            if (!_body.Schema.Has("type"))
            {
                json.WriteString("type", "object");
            }
        }
        else
        {
            WriteMerged(json, schemas);
        }

        json.WriteEndObject();
        return schemas.Fault;
    }

    private void WriteMerged(Utf8JsonWriter json, OpenApiSchemas schemas)
    {
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (var argument in _arguments)
        {
            json.WritePropertyName(argument.Name);
            schemas.Write(argument.Schema, argument.Description);
        }

        var merged = _isBodyMerged ? _body.Schema : default;
        foreach (var property in merged.Member("properties").Members())
        {
            json.WritePropertyName(property.Name);
            schemas.Write(property.Value);
        }

        if (_bodyName is not null)
        {
            json.WritePropertyName(_bodyName);
            schemas.Write(_body.Schema, _body.Description);
        }

        json.WriteEndObject();
        WriteRequired(json, merged);
        if (merged.Member("additionalProperties") is { ValueKind: not JsonValueKind.Undefined } more)
        {
            json.WritePropertyName("additionalProperties");
            schemas.Write(more);
        }

        schemas.WriteDefinitions();
    }

    private void WriteRequired(Utf8JsonWriter json, JsonElement merged)
    {
        var required = _arguments.Where(static argument => argument.IsRequired).Select(static argument => argument.Name)
            .Concat(merged.Member("required").Items().Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString()!))
            .Concat(_bodyName is not null && _body.IsRequired ? [_bodyName] : []).Distinct().ToArray();
        if (required.Length == 0)
        {
            return;
        }

        json.WriteStartArray("required");
        foreach (var name in required)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private void WriteTarget(Utf8JsonWriter json, string method, string url, IReadOnlyDictionary<string, ToolHeader> secrets)
    {
        var filled = new StringBuilder(url);
        foreach (var argument in _arguments.Where(static argument => argument.Place == "path" && argument.Name != argument.WireName))
        {
            filled.Replace($"{{{argument.WireName}}}", $"{{{argument.Name}}}");
        }

        json.WriteStartObject("http");
        json.WriteString("url", filled.ToString());
        json.WriteString("method", method);
        WriteHeaders(json, secrets);
        json.WriteStartArray("query");
        foreach (var argument in _arguments.Where(static argument => argument.Place == "query"))
        {
            json.WriteStringValue(argument.WireName);
        }

        json.WriteEndArray();
        if (_bodyName is not null)
        {
            json.WriteString("body", _bodyName);
        }

        json.WriteEndObject();
    }

    private void WriteHeaders(Utf8JsonWriter json, IReadOnlyDictionary<string, ToolHeader> secrets)
    {
        json.WriteStartObject("headers");
        foreach (var argument in _arguments.Where(static argument => argument.Place == "header").DistinctBy(static argument => argument.WireName, StringComparer.OrdinalIgnoreCase))
        {
            json.WriteStartObject(argument.WireName);
            json.WriteString("argument", argument.Name);
            json.WriteEndObject();
        }

        foreach (var (header, secret) in secrets)
        {
            json.WriteStartObject(header);
            json.WriteString("secret", secret.Secret);
            json.WriteString("prefix", secret.Prefix);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
