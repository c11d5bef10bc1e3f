using Microsoft.AspNetCore.Http.Features;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>The context of one round: the caller's request once more, with a response of its own.</summary>
/// <remarks>
/// YARP sets status and headers of every attempt, which a response that has started would refuse; and a round's answer is read here before
/// anything of it is sent. All other features are those of the caller's context.
/// </remarks>
internal static class RoundContext
{
    /// <param name="caller">The caller's context.</param>
    /// <param name="answer">Receives the body of the round's answer.</param>
    public static HttpContext Create(HttpContext caller, Stream answer)
    {
        var features = new FeatureCollection(caller.Features);
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = caller.Request.Method,
            Scheme = caller.Request.Scheme,
            Protocol = caller.Request.Protocol,
            PathBase = caller.Request.PathBase,
            Path = caller.Request.Path,
            QueryString = caller.Request.QueryString.Value ?? "",
            Headers = new HeaderDictionary(caller.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
        });
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = caller.RequestAborted });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        return new DefaultHttpContext(features);
    }
}
