using System.Text.Json.Nodes;
using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Tells whether a reload changed a server: the records of two tables are never equal, for they hold collections.</summary>
internal static class McpServerFingerprint
{
    /// <summary>Names all that a link to the server goes by, but for the content of its secrets, which is read at each connect.</summary>
    public static Digest Of(McpServerSettings server, ToolSettings tools)
    {
        var all = new JsonObject
        {
            ["url"] = server.Url?.OriginalString,
            ["headers"] = List(server.Headers.Select(header => List(
                [header.Key, header.Value.Text, header.Value.Prefix, header.Value.Secret, header.Value.Secret is { } secret ? Secret(tools.Secrets.GetValueOrDefault(secret)) : null]))),
            ["command"] = server.Command,
            ["arguments"] = List(server.Arguments.Select(static argument => (JsonNode?)argument)),
            ["environment"] = List(server.Environment.Select(static variable => List([variable.Key, variable.Value.EnvironmentVariable, variable.Value.SecretFile]))),
            ["folder"] = server.Folder,
            ["timeout"] = server.Timeout.Ticks,
            ["allow"] = List(server.Filter.Allow.Select(static name => (JsonNode?)name)),
            ["deny"] = List(server.Filter.Deny.Select(static name => (JsonNode?)name)),
        };
        return Digest.Of(all.ToJsonString());
    }

    private static JsonArray? Secret(ToolSecret? secret) => secret is null
        ? null
        : List([secret.Credentials.EnvironmentVariable, secret.Credentials.SecretFile, .. secret.Hosts]);

    private static JsonArray List(IEnumerable<JsonNode?> items) => [.. items];
}
