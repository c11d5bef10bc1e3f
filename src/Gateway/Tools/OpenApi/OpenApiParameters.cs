using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Reads the parameters of one operation.</summary>
/// <param name="references">The document.</param>
/// <param name="note">Takes what is left out, to be read behind the operation's name.</param>
internal sealed class OpenApiParameters(OpenApiReferences references, Action<string> note)
{
    private readonly List<OpenApiArgument> _arguments = [];
    private string? _fault;

    /// <summary>Reads them; those of the operation take the place of those of its path.</summary>
    /// <param name="path">Holds <c>{name}</c> for parameters of the path.</param>
    /// <param name="pathItem">The path.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>The arguments, or why the operation cannot be called.</returns>
    public (IReadOnlyList<OpenApiArgument> Arguments, string? Fault) Read(string path, JsonElement pathItem, JsonElement operation)
    {
        var found = new OrderedDictionary<(string? Name, string? Place), JsonElement>();
        foreach (var parameter in pathItem.Member("parameters").Items().Concat(operation.Member("parameters").Items()))
        {
            if (!references.TryFollow(parameter, out var followed, out _, out var fault))
            {
                return ([], fault);
            }

            found[(followed.Text("name"), followed.Text("in"))] = followed;
        }

        foreach (var ((name, place), parameter) in found)
        {
            Add(name, place, parameter, path);
        }

        foreach (var name in Placeholders(path).Where(name => !_arguments.Exists(argument => argument.Place == "path" && argument.WireName == name)).Distinct())
        {
            _arguments.Add(new OpenApiArgument(name, "path", name, JsonElement.Parse("""{"type":"string"}"""), null, IsRequired: true)); // said nowhere, and yet needed
        }

        Rename();
        return (_arguments, _fault);
    }

    private static IEnumerable<string> Placeholders(string path)
    {
        for (var open = path.IndexOf('{', StringComparison.Ordinal); open >= 0; open = path.IndexOf('{', open + 1))
        {
            if (path.IndexOf('}', open) is var close && close > open + 1)
            {
                yield return path[(open + 1)..close];
            }
        }
    }

    private void Add(string? name, string? place, JsonElement parameter, string path)
    {
        if (place == "header" && name?.ToUpperInvariant() is "ACCEPT" or "CONTENT-TYPE" or "AUTHORIZATION")
        {
            return; // OpenAPI says that these shall be ignored
        }

        var schema = parameter.Member("schema");
        var fault = string.IsNullOrEmpty(name) ? "has a parameter without a name"
            : place switch
            {
                "path" => FaultOfStyle(name, parameter, schema, "simple"),
                "query" => FaultOfStyle(name, parameter, schema, "form"),
                "header" => HttpTargetCheck.HeaderFault(name) is { } reserved ? $"has the header \"{OpenApiReferences.Brief(name)}\", which {reserved}" : FaultOfStyle(name, parameter, schema, "simple"),
                "cookie" => $"has the cookie \"{OpenApiReferences.Brief(name)}\", and tools have none",
                _ => $"has the parameter \"{OpenApiReferences.Brief(name)}\" in no place that is known",
            };
        var isRequired = place == "path" || parameter.IsTrue("required");
        if (fault is not null)
        {
            if (isRequired)
            {
                _fault ??= fault;
            }
            else
            {
                note(fault + "; it is left out");
            }
        }
        else if (place != "path" || path.Contains($"{{{name}}}", StringComparison.Ordinal))
        {
            _arguments.Add(new OpenApiArgument(name!, place!, name!, schema, parameter.Text("description"), isRequired));
        }
    }

    // lists repeat their name in the query, and neither lists nor objects go anywhere else
    private string? FaultOfStyle(string name, JsonElement parameter, JsonElement schema, string usual)
    {
        name = OpenApiReferences.Brief(name);
        if (parameter.Has("content"))
        {
            return $"has the parameter \"{name}\" as a document of its own";
        }

        if (!references.TryFollow(schema, out var followed, out _, out var fault))
        {
            return fault;
        }

        var type = followed.Text("type");
        var style = parameter.Text("style") ?? usual;
        var isPlain = style == usual && (type is not ("array" or "object") || (type == "array" && usual == "form" && parameter.Member("explode").ValueKind != JsonValueKind.False));
        return isPlain ? null : $"writes the parameter \"{name}\" in a style that is not known ({OpenApiReferences.Brief(style)}, {OpenApiReferences.Brief(type ?? "any type")})";
    }

    // an argument is known by its name alone, and the query has to use it as it is
    private void Rename()
    {
        var taken = _arguments.Where(static argument => argument.Place == "query").Select(static argument => argument.Name).ToHashSet(StringComparer.Ordinal);
        for (var index = 0; index < _arguments.Count; index++)
        {
            var argument = _arguments[index];
            if (argument.Place != "query" && !taken.Add(argument.Name))
            {
                _arguments[index] = argument with { Name = OpenApiNames.Unique($"{argument.Name}_{argument.Place}", taken) };
            }
        }
    }
}
