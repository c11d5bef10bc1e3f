using System.Collections.Immutable;
using System.Text.Json;
using RouterGateway.Router.Routes.Source;
using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tools;

/// <summary>Reads definitions of tools, from requests and from <c>routes.json</c> alike; finds all faults at once.</summary>
public sealed class ToolDefinitionReader
{
    private const int LongestDescription = 8192;

    private static readonly string[] _members = ["name", "description", "parameters", "type", "http", "mcp", "visibility", "leaseTtl"];
    private static readonly string[] _types = ["client", "http", "mcp"];
    private static readonly string[] _visibilities = ["private", "shared"];
    private static readonly JsonElement _noParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>What a lease must be, to be put behind its name.</summary>
    public const string LeaseFault = "must be a duration of a second or more with a unit, as in \"60s\" or \"5m\"";

    private readonly List<ToolDefinitionFault> _faults = [];
    private readonly JsonElement _json;

    private ToolDefinitionReader(JsonElement json) => _json = json;

    /// <summary>Reads one definition.</summary>
    /// <param name="json">The definition; what is kept of it is copied.</param>
    /// <param name="name">Its name, when that stands elsewhere; null: in the definition.</param>
    /// <returns>The definition, or at least one fault.</returns>
    public static (ToolDefinition? Definition, IReadOnlyList<ToolDefinitionFault> Faults) Read(JsonElement json, string? name = null)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, [new ToolDefinitionFault("", "must be an object: { … }")]);
        }

        var reader = new ToolDefinitionReader(json);
        var definition = reader.Read(name);
        return reader._faults.Count > 0 ? (null, reader._faults) : (definition, []);
    }

    /// <summary>Reads how long a tool stays without a heartbeat.</summary>
    public static bool TryReadLease(string text, out TimeSpan lease)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Duration.TryParse(text, out lease) && lease >= TimeSpan.FromSeconds(1);
    }

    private ToolDefinition? Read(string? name)
    {
        Know(_json, "", _members);
        name = ReadName(name);
        var description = Text(_json, "", "description") ?? "";
        if (description.Length > LongestDescription)
        {
            Fault("description", $"must have at most {LongestDescription} characters; models read it with every request");
        }

        var parameters = ReadParameters(out var schema);
        var target = ReadTarget();
        var visibility = Choice("visibility", _visibilities) == "shared" ? ToolVisibility.Shared : ToolVisibility.Private;
        var leaseTtl = ReadLease();
        return name is null || schema is null || target is null ? null : new ToolDefinition
        {
            Name = name,
            Description = description,
            Parameters = parameters,
            Schema = schema,
            Target = target,
            Visibility = visibility,
            LeaseTtl = leaseTtl,
        };
    }

    private string? ReadName(string? name)
    {
        var written = Text(_json, "", "name");
        if (name is not null && written is not null && written != name)
        {
            Fault("name", $"is \"{FaultPath.Printable(written)}\", yet the tool is called \"{FaultPath.Printable(name)}\"");
        }

        name ??= written;
        if (name is null)
        {
            Missing(_json, "", "name");
        }
        else if (!ToolDefinition.IsName(name))
        {
            Fault("name", $"must be 1 to {ToolDefinition.LongestName} letters, digits, _ and -; it is \"{FaultPath.Printable(name)}\"");
        }

        return name;
    }

    private JsonElement ReadParameters(out JsonSchema? schema)
    {
        schema = null;
        if (!TryGet(_json, "parameters", out var parameters))
        {
            parameters = _noParameters;
        }
        else if (parameters.ValueKind != JsonValueKind.Object)
        {
            Fault("parameters", "must be a JSON Schema, as in {\"type\":\"object\",\"properties\":{…}}");
            return default;
        }

        if (!JsonSchema.TryCreate(parameters, out schema, out var fault))
        {
            Fault("parameters", $"is no usable JSON Schema: {fault}");
        }
        else if (TryGet(parameters, "type", out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8)))
        {
            Fault("parameters.type", "must be \"object\": models pass arguments by name");
        }

        return parameters.Clone();
    }

    private ToolTarget? ReadTarget()
    {
        var hasHttp = TryGet(_json, "http", out var http);
        var hasMcp = TryGet(_json, "mcp", out var mcp);
        var type = Choice("type", _types) ?? (hasHttp ? "http" : hasMcp ? "mcp" : "client");
        if (hasHttp && type != "http" || hasMcp && type != "mcp")
        {
            Fault(hasHttp && type != "http" ? "http" : "mcp", $"does not belong to a tool of type \"{type}\"");
            return null;
        }

        switch (type)
        {
            case "http" when hasHttp:
                return ReadHttp(http);
            case "mcp" when hasMcp:
                return ReadMcp(mcp);
            case "http" or "mcp":
                Fault(type, "is missing: it says where the tool runs");
                return null;
            default:
                return ClientTarget.Instance;
        }
    }

    private McpTarget? ReadMcp(JsonElement mcp)
    {
        if (!IsObject(mcp, "mcp"))
        {
            return null;
        }

        Know(mcp, "mcp", ["server", "tool"]);
        var server = Required(mcp, "mcp", "server");
        var tool = Required(mcp, "mcp", "tool");
        return server is null || tool is null ? null : new McpTarget(server, tool);
    }

    private HttpTarget? ReadHttp(JsonElement http)
    {
        if (!IsObject(http, "http"))
        {
            return null;
        }

        Know(http, "http", ["url", "method", "headers", "query", "body"]);
        var url = Required(http, "http", "url");
        if (url is not null && HttpTargetCheck.UrlFault(url) is { } fault)
        {
            Fault("http.url", fault);
        }

        var method = Text(http, "http", "method")?.ToUpperInvariant() ?? "POST";
        if (!HttpTargetCheck.Methods.Contains(method))
        {
            Fault("http.method", $"must be one of {string.Join(", ", HttpTargetCheck.Methods)}; it is \"{FaultPath.Printable(method)}\"");
        }

        var headers = TryGet(http, "headers", out var written) ? ReadHeaders(written) : ImmutableSortedDictionary<string, ToolHeader>.Empty;
        return url is null ? null : new HttpTarget
        {
            Url = url,
            Method = method,
            Headers = headers,
            Query = Texts(http, "http", "query"),
            Body = Text(http, "http", "body"),
        };
    }

    private ImmutableSortedDictionary<string, ToolHeader> ReadHeaders(JsonElement headers)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, ToolHeader>(StringComparer.OrdinalIgnoreCase);
        if (!IsObject(headers, "http.headers"))
        {
            return read.ToImmutable();
        }

        foreach (var header in headers.EnumerateObject())
        {
            var path = FaultPath.Member("http.headers", header.Name);
            if (HttpTargetCheck.HeaderFault(header.Name) is { } fault)
            {
                Fault(path, fault);
            }
            else if (read.ContainsKey(header.Name))
            {
                Fault(path, "stands there twice");
            }
            else if (ReadHeader(header.Value, path) is { } value)
            {
                read.Add(header.Name, value);
            }
        }

        return read.ToImmutable();
    }

    private ToolHeader? ReadHeader(JsonElement header, string path)
    {
        if (header.ValueKind == JsonValueKind.String)
        {
            var text = String(header, path);
            if (text?.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            {
                Fault(path, "must be printable ASCII");
            }

            return new ToolHeader { Text = text };
        }

        if (header.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "must be a text, {\"secret\":\"name\"} or {\"argument\":\"name\"}");
            return null;
        }

        Know(header, path, ["secret", "prefix", "argument"]);
        var read = new ToolHeader { Secret = Text(header, path, "secret"), Argument = Text(header, path, "argument"), Prefix = Text(header, path, "prefix") ?? "" };
        if (read.Secret is null == read.Argument is null)
        {
            Fault(path, "must hold either \"secret\" or \"argument\"");
        }

        return read;
    }

    private TimeSpan? ReadLease()
    {
        if (Text(_json, "", "leaseTtl") is not { } text)
        {
            return null;
        }

        if (TryReadLease(text, out var lease))
        {
            return lease;
        }

        Fault("leaseTtl", LeaseFault);
        return null;
    }

    private static bool TryGet(JsonElement json, string member, out JsonElement value) =>
        json.TryGetProperty(member, out value) && value.ValueKind != JsonValueKind.Null;

    private string? Text(JsonElement json, string path, string member)
    {
        if (!TryGet(json, member, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return String(value, Join(path, member));
        }

        Fault(Join(path, member), "must be a string");
        return null;
    }

    private string? String(JsonElement value, string path)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            Fault(path, "holds an escaped surrogate (\\uD800 to \\uDFFF) without its pair");
            return null;
        }
    }

    private string? Required(JsonElement json, string path, string member)
    {
        if (!TryGet(json, member, out _))
        {
            Missing(json, path, member);
            return null;
        }

        var text = Text(json, path, member);
        if (text is { Length: 0 })
        {
            Fault(Join(path, member), "must not be empty");
            return null;
        }

        return text;
    }

    private void Missing(JsonElement json, string path, string member)
    {
        if (!json.EnumerateObject().Any(other => Spelling.Nearest(other.Name, [member]) is not null)) // a slip of the pen is one fault, not two
        {
            Fault(Join(path, member), "is missing");
        }
    }

    private ImmutableArray<string> Texts(JsonElement json, string path, string member)
    {
        if (!TryGet(json, member, out var list))
        {
            return [];
        }

        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String))
        {
            return [.. list.EnumerateArray().Select(item => String(item, Join(path, member)) ?? "")];
        }

        Fault(Join(path, member), "must be a list of strings");
        return [];
    }

    private string? Choice(string member, string[] choices)
    {
        var text = Text(_json, "", member);
        if (text is not null && !choices.Contains(text))
        {
            Fault(member, $"\"{FaultPath.Printable(text)}\" is not known{Spelling.Hint(text, choices)}");
        }

        return text;
    }

    private bool IsObject(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "must be an object: { … }");
        }

        return json.ValueKind == JsonValueKind.Object;
    }

    private void Know(JsonElement json, string path, string[] members)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!members.Contains(member.Name))
            {
                Fault(FaultPath.Member(path, member.Name), $"unknown key \"{FaultPath.Printable(member.Name)}\"{Spelling.Hint(member.Name, members)}");
            }
            else if (!seen.Add(member.Name))
            {
                Fault(FaultPath.Member(path, member.Name), "stands there twice");
            }
        }
    }

    private static string Join(string path, string member) => FaultPath.Member(path, member);

    private void Fault(string path, string message) => _faults.Add(new ToolDefinitionFault(path, message));
}
