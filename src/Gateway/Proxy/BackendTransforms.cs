using System.Net.Http.Headers;
using RouterGateway.Gateway.Streaming;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RouterGateway.Gateway.Proxy;

/// <summary>What changes between the client's request and the backend's, and back.</summary>
internal static class BackendTransforms
{
    // credentials for the gateway are not the backend's business; an encoded answer could not be watched as it passes
    private static readonly string[] _requestHeadersDropped =
        ["Authorization", "Cookie", "X-Api-Key", "Api-Key", "X-Admin-Key", "Proxy-Authorization", "Accept-Encoding", "OpenAI-Organization", "OpenAI-Project"];

    private static readonly string[] _answerHeadersDropped = ["Set-Cookie", "Server", "X-Request-Id", "Server-Timing", "Alt-Svc"];

    public static void Add(TransformBuilderContext builder)
    {
        builder.UseDefaultForwarders = false; // a client's address is not the backend's business either
        builder.AddRequestTransform(static transform =>
        {
            PrepareRequest(transform);
            return ValueTask.CompletedTask;
        });
        builder.AddResponseTransform(static transform =>
        {
            PrepareAnswer(transform.HttpContext.Response.Headers);
            return StreamRelay.RelayAsync(transform);
        });
    }

    /// <summary>Sets the connect clock, which only the HTTP handler can keep.</summary>
    public static void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        if (context.NewMetadata?.TryGetValue(ClusterMetadata.ConnectTimeout, out var timeout) == true)
        {
            handler.ConnectTimeout = TimeSpan.ParseExact(timeout, "c", null);
        }
    }

    private static void PrepareRequest(RequestTransformContext transform)
    {
        var attempt = transform.HttpContext.Features.Get<Attempt>();
        if (attempt is not null)
        {
            attempt.DestinationId = transform.HttpContext.GetReverseProxyFeature().ProxiedDestination?.DestinationId;
        }

        var headers = transform.ProxyRequest.Headers;
        foreach (var name in _requestHeadersDropped)
        {
            headers.Remove(name);
        }

        if (attempt?.Target.Cluster.Credentials?.ReadSecret() is { Length: > 0 } secret)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }
    }

    private static void PrepareAnswer(IHeaderDictionary headers)
    {
        foreach (var name in _answerHeadersDropped)
        {
            headers.Remove(name);
        }

        foreach (var name in headers.Keys.Where(static name => name.StartsWith("x-router-", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            headers.Remove(name); // a gateway behind this one: its decision is not ours
        }
    }
}
