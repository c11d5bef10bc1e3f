namespace RouterGateway.Inference.KvCache;

/// <summary>What one way to store the KV cache costs and gains.</summary>
/// <param name="KvCache"><c>none</c>, <c>int8</c>, <c>int8-per-token-head</c> or <c>int4</c>.</param>
/// <param name="BytesPerToken">Bytes of all layers for one token, scales included.</param>
/// <param name="PoolBytes">Bytes that a server takes for four sequences: all of them at full length, within half of the memory that was free.</param>
/// <param name="LongestContextTokens">Longest sequence that fits in those, at most the longest that the model takes.</param>
/// <param name="Top1Agreement">Share of positions at which the same token is likeliest as with a plain cache, 0 to 1.</param>
/// <param name="Kl">Mean Kullback-Leibler divergence of the next token's probabilities from those with a plain cache, in nats.</param>
/// <param name="PerplexityRatio">Perplexity on the text, divided by that with a plain cache.</param>
/// <param name="TokensPerSecond">One sequence, by the number of tokens before.</param>
public sealed record KvCacheFigures(
    string KvCache, long BytesPerToken, long PoolBytes, int LongestContextTokens, double Top1Agreement, double Kl, double PerplexityRatio, IReadOnlyDictionary<int, double> TokensPerSecond);
