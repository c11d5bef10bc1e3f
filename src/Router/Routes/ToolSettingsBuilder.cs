using System.Collections.Frozen;
using System.Collections.Immutable;
using RouterGateway.Router.Routes.Source;
using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes;

/// <summary>Builds the tools of a table from a section that was found good.</summary>
/// <param name="section">The section.</param>
/// <param name="credentials">Turns the place of a secret into an absolute one.</param>
/// <param name="absolute">Makes a path absolute.</param>
internal sealed class ToolSettingsBuilder(ToolsSection section, Func<CredentialsSection, ClusterCredentials> credentials, Func<string, string> absolute)
{
    /// <summary>Builds the settings.</summary>
    public ToolSettings Build()
    {
        var defaults = new ToolSettings();
        var timeout = section.Timeout ?? defaults.Timeout;
        return new ToolSettings
        {
            SelectTop = section.SelectTop ?? defaults.SelectTop,
            LeaseTtl = section.LeaseTtl ?? defaults.LeaseTtl,
            MaxToolsPerKey = section.MaxToolsPerKey ?? defaults.MaxToolsPerKey,
            MaxTools = section.MaxTools ?? defaults.MaxTools,
            MaxRounds = section.MaxRounds ?? defaults.MaxRounds,
            Deadline = section.Deadline ?? defaults.Deadline,
            Timeout = timeout,
            MaxResultBytes = section.MaxResultBytes ?? defaults.MaxResultBytes,
            Network = BuildNetwork(section.Network ?? new ToolNetworkSection()),
            Filter = Filter(section.Allow, section.Deny),
            Secrets = (section.Secrets ?? new Dictionary<string, ToolSecretSection?>()).ToFrozenDictionary(
                static secret => secret.Key,
                secret => new ToolSecret(credentials(new CredentialsSection { Env = secret.Value!.Env, File = secret.Value.File }), Texts(secret.Value.Hosts)),
                StringComparer.Ordinal),
            Declared = [.. (section.Declared ?? new Dictionary<string, System.Text.Json.JsonElement>())
                .Select(static tool => ToolDefinitionReader.Read(tool.Value, tool.Key).Definition! with { Visibility = ToolVisibility.Shared })], // checked by ToolsSectionValidator
            McpServers = [.. (section.McpServers ?? new Dictionary<string, McpServerSection?>()).Select(server => BuildServer(server.Key, server.Value!, timeout))],
            Keys = [.. (section.Keys ?? []).OfType<ToolKeySection>().Select(key => new ToolCaller(
                credentials(key.Key!),
                new RouteTools { Select = key.Select, Execute = key.Execute, Filter = Filter(key.Allow, key.Deny) }))],
        };
    }

    /// <summary>Builds how a route uses tools.</summary>
    public static RouteTools BuildRoute(RouteToolsSection? tools) => tools is null
        ? RouteTools.Default
        : new RouteTools { Select = tools.Select, Execute = tools.Execute, Filter = Filter(tools.Allow, tools.Deny) };

    private static ToolNetwork BuildNetwork(ToolNetworkSection network)
    {
        var defaults = new ToolNetwork();
        return new ToolNetwork
        {
            Schemes = network.Schemes is null ? defaults.Schemes : Texts(network.Schemes),
            Ports = network.Ports is null ? defaults.Ports : [.. network.Ports],
            Allow = Texts(network.Allow),
        };
    }

    private McpServerSettings BuildServer(string id, McpServerSection server, TimeSpan timeout) => new()
    {
        Id = id,
        Url = server.Url is null ? null : new Uri(server.Url),
        Headers = (server.Headers ?? new Dictionary<string, McpHeaderSection?>()).ToImmutableSortedDictionary(
            static header => header.Key,
            static header => new ToolHeader { Text = header.Value!.Value, Secret = header.Value.Secret, Prefix = header.Value.Prefix ?? "" },
            StringComparer.OrdinalIgnoreCase),
        Command = server.Command,
        Arguments = Texts(server.Args),
        Environment = (server.Env ?? new Dictionary<string, CredentialsSection?>()).ToImmutableSortedDictionary(static variable => variable.Key, variable => credentials(variable.Value!), StringComparer.Ordinal),
        Folder = server.Folder is null ? null : absolute(server.Folder),
        Timeout = server.Timeout ?? timeout,
        Filter = Filter(server.Allow, server.Deny),
    };

    private static ToolFilter Filter(IReadOnlyList<string?>? allow, IReadOnlyList<string?>? deny) =>
        allow is null && deny is null ? ToolFilter.All : new ToolFilter(Texts(allow), Texts(deny));

    private static ImmutableArray<string> Texts(IReadOnlyList<string?>? texts) => [.. (texts ?? []).OfType<string>()];
}
