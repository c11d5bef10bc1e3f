using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>What of an HTTP tool can be refused when it is registered; the rest is decided by each call.</summary>
internal static class HttpToolCheck
{
    /// <summary>Why the tool could never be called, to be read behind its name: <c>leads to an address that …</c>; <c>null</c>: it may do.</summary>
    public static string? Fault(HttpTarget target, ToolSettings settings)
    {
        if (HttpToolRequest.TemplateUri(target.Url) is not { } uri)
        {
            return "has no usable URL";
        }

        return new NetworkRules(settings.Network).FaultOfText(uri)
            ?? target.Headers.Values.Select(static header => header.Secret).OfType<string>().Select(secret => FaultOfSecret(secret, uri, settings)).FirstOrDefault(static fault => fault is not null);
    }

    /// <summary>Why a secret may not be sent; <c>null</c>: it may.</summary>
    public static string? FaultOfSecret(string name, Uri uri, ToolSettings settings) =>
        !settings.Secrets.TryGetValue(name, out var secret) ? $"names the secret \"{name}\", and there is none of that name"
        : !secret.Hosts.Any(host => NetworkRules.IsHost(uri, host)) ? $"may not send the secret \"{name}\" to {uri.IdnHost}"
        : null;
}
