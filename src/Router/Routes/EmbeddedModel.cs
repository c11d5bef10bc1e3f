namespace RouterGateway.Router.Routes;

/// <summary>A model folder that the gateway serves itself, in a child process.</summary>
public sealed record EmbeddedModel
{
    /// <summary>Absolute path of the folder.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>How the KV cache is stored: <c>auto</c> (what the model says), <c>none</c>, <c>int8</c>, <c>int4</c> or <c>int8-per-token-head</c>.</summary>
    public string KvCache { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>cuda</c> or <c>cpu</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Most sequences generated at a time; null = what the server chooses.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>Most requests that wait besides; null = what the server chooses.</summary>
    public int? MaxQueue { get; init; }

    /// <summary>How long a request may wait for its turn; null = what the server chooses.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>Bytes of KV cache for all sequences together; null = what the server chooses.</summary>
    public long? KvPoolBytes { get; init; }
}
