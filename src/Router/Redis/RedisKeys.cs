using System.Text;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>The keys behind a prefix.</summary>
internal sealed class RedisKeys(string prefix)
{
    private const int DigestLength = 32;

    private readonly byte[] _decision = Encoding.UTF8.GetBytes(prefix + "decision:");
    private readonly byte[] _session = Encoding.UTF8.GetBytes(prefix + "session:");

    /// <summary>Changes whenever something was flushed.</summary>
    public RedisKey FlushMarker { get; } = prefix + "flushed";

    /// <summary>The stream of receipts.</summary>
    public RedisKey Receipts { get; } = prefix + "receipts";

    /// <summary>The rows of the <see cref="SharedTable"/>.</summary>
    public RedisKey Tools { get; } = prefix + "tools";

    /// <summary>When their leases end.</summary>
    public RedisKey ToolLeases { get; } = prefix + "tools:leases";

    /// <summary>Changes whenever rows were written or removed.</summary>
    public RedisKey ToolsVersion { get; } = prefix + "tools:version";

    /// <summary>The key of a value.</summary>
    public RedisKey Of(RedisKind kind, Digest id)
    {
        var start = kind == RedisKind.Decision ? _decision : _session;
        var key = new byte[start.Length + DigestLength];
        start.CopyTo(key, 0);
        id.High.TryFormat(key.AsSpan(start.Length), out _, "x16");
        id.Low.TryFormat(key.AsSpan(start.Length + (DigestLength / 2)), out _, "x16");
        return key;
    }

    /// <summary>Matches all keys of a kind, and none of another prefix.</summary>
    public string PatternOf(RedisKind kind)
    {
        var pattern = new StringBuilder();
        foreach (var character in prefix)
        {
            if (character is '*' or '?' or '[' or ']' or '\\')
            {
                pattern.Append('\\');
            }

            pattern.Append(character);
        }

        return pattern.Append(kind == RedisKind.Decision ? "decision:*" : "session:*").ToString();
    }
}
