using Microsoft.Extensions.Primitives;

namespace RouterGateway.Gateway.Proxy;

/// <summary>A backend's own error answer in OpenAI's shape, kept until it is known whether another attempt does better.</summary>
/// <param name="Status">400 and over.</param>
/// <param name="Body">The whole body as it came.</param>
/// <param name="RetryHeaders">Headers by which SDKs time their next try.</param>
internal sealed record BackendErrorAnswer(int Status, ReadOnlyMemory<byte> Body, KeyValuePair<string, StringValues>[] RetryHeaders);
