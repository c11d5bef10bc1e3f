using System.Text.Json;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Api;

/// <summary>A body of POST /v1/tools: one definition, or <c>{"tools": [...]}</c>. All of it is good, or nothing is registered.</summary>
internal sealed record ToolRegistrationRequest(IReadOnlyList<ToolDefinition> Definitions, bool IsBatch)
{
    private const int MostFaultsTold = 20;

    /// <param name="root">The body.</param>
    /// <param name="name">The name in the path; <c>null</c>: in the definition.</param>
    /// <param name="settings">What definitions may refer to.</param>
    public static (ToolRegistrationRequest? Request, GatewayFailure? Failure) Read(JsonElement root, string? name, ToolSettings settings)
    {
        if (name is null && root.ValueKind == JsonValueKind.Object && root.TryGetProperty("tools"u8, out var tools))
        {
            return tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0 && root.EnumerateObject().Count() == 1
                ? ReadBatch(tools, settings)
                : (null, new GatewayFailure(GatewayError.InvalidRequest, "\"tools\" must be a list of at least one definition, and stand alone.", "tools"));
        }

        var (definition, faults) = ReadOne(root, name, settings);
        return definition is null ? (null, Refuse(faults)) : (new ToolRegistrationRequest([definition], IsBatch: false), null);
    }

    /// <summary>What a definition says that this gateway's <c>routes.json</c> does not allow.</summary>
    public static IEnumerable<ToolDefinitionFault> Faults(ToolDefinition definition, ToolSettings settings)
    {
        if (definition.Target is McpTarget { Server: var server } && !settings.McpServers.Any(known => known.Id == server))
        {
            yield return new ToolDefinitionFault("mcp.server", $"\"{server}\" is no server of this gateway{Spelling.Hint(server, [.. settings.McpServers.Select(static known => known.Id)])}");
        }

        if (HttpFault(definition, settings) is { } fault)
        {
            yield return fault;
        }
    }

    // the faults of HTTP targets are sentences of their own
    private static ToolDefinitionFault? HttpFault(ToolDefinition definition, ToolSettings settings) =>
        definition.Target is HttpTarget http && HttpToolCheck.Fault(http, settings) is { } fault ? new ToolDefinitionFault("http", fault) : null;

    private static (ToolRegistrationRequest? Request, GatewayFailure? Failure) ReadBatch(JsonElement tools, ToolSettings settings)
    {
        var definitions = new List<ToolDefinition>();
        var faults = new List<ToolDefinitionFault>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var place = $"tools[{index++}]";
            var (definition, found) = ReadOne(tool, name: null, settings);
            faults.AddRange(found.Select(fault => fault with { Path = fault.Path.Length == 0 ? place : $"{place}.{fault.Path}" }));
            if (definition is not null && !names.Add(definition.Name))
            {
                faults.Add(new ToolDefinitionFault(place + ".name", $"\"{definition.Name}\" stands there twice"));
            }

            definitions.AddRange(definition is null ? [] : [definition]);
        }

        return faults.Count > 0 ? (null, Refuse(faults)) : (new ToolRegistrationRequest(definitions, IsBatch: true), null);
    }

    private static (ToolDefinition? Definition, IReadOnlyList<ToolDefinitionFault> Faults) ReadOne(JsonElement json, string? name, ToolSettings settings)
    {
        var (definition, faults) = ToolDefinitionReader.Read(json, name);
        if (definition is null || Faults(definition, settings).ToArray() is not { Length: > 0 } refused)
        {
            return (definition, faults);
        }

        return (null, refused);
    }

    /// <summary>The failure that tells of all faults, or of the first of very many.</summary>
    public static GatewayFailure Refuse(IReadOnlyList<ToolDefinitionFault> faults) => new(
        GatewayError.InvalidRequest,
        $"The definition has faults: {string.Join("; ", faults.Take(MostFaultsTold).Select(static fault => fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}"))}{(faults.Count > MostFaultsTold ? $"; and {faults.Count - MostFaultsTold} more" : "")}.",
        faults[0].Path.Length == 0 ? null : faults[0].Path);
}
