using System.Collections.Immutable;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>A document while it is read: what all of its operations share.</summary>
/// <param name="Root">The document.</param>
/// <param name="References">What its references name.</param>
/// <param name="IsVersion30">OpenAPI 3.0; else 3.1.</param>
/// <param name="BaseUrl">Where relative servers are; <c>null</c>: unknown.</param>
/// <param name="Secrets">Names of secrets by names of security schemes.</param>
internal sealed record OpenApiSource(JsonElement Root, OpenApiReferences References, bool IsVersion30, Uri? BaseUrl, ImmutableDictionary<string, string> Secrets)
{
    /// <summary>Where an operation is; <c>null</c>: no absolute URL says so.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="pathItem">Its path.</param>
    public string? ServerOf(JsonElement operation, JsonElement pathItem)
    {
        var servers = new[] { operation, pathItem, Root }.Select(static place => place.Member("servers")).FirstOrDefault(static servers => servers.Items().Any());
        foreach (var server in servers.Items())
        {
            if (server.Text("url") is { } url && Absolute(Fill(url, server.Member("variables"))) is { } absolute)
            {
                return absolute;
            }
        }

        return servers.Items().Any() ? null : BaseUrl?.AbsoluteUri.TrimEnd('/');
    }

    private static string Fill(string url, JsonElement variables) =>
        variables.Members().Take(16).Aggregate(url, static (url, variable) => url.Replace($"{{{variable.Name}}}", variable.Value.Text("default") ?? "", StringComparison.Ordinal));

    private string? Absolute(string url) =>
        (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") || (BaseUrl is not null && Uri.TryCreate(BaseUrl, url, out uri))
            ? uri is { Scheme: "http" or "https", Query: "", Fragment: "" } ? uri.AbsoluteUri.TrimEnd('/') : null
            : null;
}
