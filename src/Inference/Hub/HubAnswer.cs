namespace RouterGateway.Inference.Hub;

/// <summary>What the hub answered.</summary>
/// <param name="Response">Owned by this object.</param>
/// <param name="Commit">The commit that it belongs to; null when the hub does not tell.</param>
/// <param name="Url">Where it came from, after redirects.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, string? Commit, Uri Url) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Response.Dispose();
}
