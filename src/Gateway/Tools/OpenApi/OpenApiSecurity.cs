using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Finds the secrets that an operation has to be sent.</summary>
/// <param name="source">The document.</param>
/// <param name="note">Takes what cannot be done, to be read behind the operation's name.</param>
internal sealed class OpenApiSecurity(OpenApiSource source, Action<string> note)
{
    /// <summary>The headers of the first alternative that the secrets suffice for; none when there is no such.</summary>
    public IReadOnlyDictionary<string, ToolHeader> Read(JsonElement operation)
    {
        var alternatives = (operation.Has("security") ? operation : source.Root).Member("security").Items().ToArray();
        string? first = null;
        foreach (var alternative in alternatives)
        {
            var headers = new Dictionary<string, ToolHeader>(StringComparer.OrdinalIgnoreCase);
            var fault = alternative.Members().Select(scheme => FaultOf(scheme.Name, headers)).FirstOrDefault(static fault => fault is not null);
            if (fault is null)
            {
                return headers;
            }

            first ??= fault;
        }

        if (first is not null)
        {
            note(first + "; it is called without");
        }

        return new Dictionary<string, ToolHeader>();
    }

    private string? FaultOf(string name, Dictionary<string, ToolHeader> headers)
    {
        var brief = OpenApiReferences.Brief(name);
        if (!source.References.TryFollow(source.Root.Member("components").Member("securitySchemes").Member(name), out var scheme, out _, out var fault))
        {
            return fault;
        }

        var kind = (scheme.Text("type"), scheme.Text("scheme")?.ToLowerInvariant(), scheme.Text("in"));
        var (header, prefix) = kind switch
        {
            ("http", "bearer", _) => ("Authorization", "Bearer "),
            ("apiKey", _, "header") => (scheme.Text("name") ?? "", ""),
            _ => (null, ""),
        };
        if (header is null || HttpTargetCheck.HeaderFault(header) is not null)
        {
            return $"is secured by \"{brief}\", which is neither a bearer token nor a key in a header";
        }

        if (!source.Secrets.TryGetValue(name, out var secret))
        {
            return $"is secured by \"{brief}\", and no secret was named for it";
        }

        return headers.TryAdd(header, new ToolHeader { Secret = secret, Prefix = prefix }) ? null : $"is secured by two schemes in the header {header}";
    }
}
