using System.Collections.Frozen;

namespace RouterGateway.Router.Routes;

/// <summary>Interchangeable destinations that serve one model, or one embedded model.</summary>
public sealed record Cluster
{
    /// <summary>Key of the cluster in the file.</summary>
    public required string Id { get; init; }

    /// <summary>The model that the gateway serves itself; null for remote destinations.</summary>
    public EmbeddedModel? Embedded { get; init; }

    /// <summary>Addresses by name; empty for an embedded model.</summary>
    public FrozenDictionary<string, Uri> Destinations { get; init; } = FrozenDictionary<string, Uri>.Empty;

    /// <summary>The model name sent to the backend; null = the caller's. An embedded model answers to its folder's name by default.</summary>
    public string? Model { get; init; }

    /// <summary>What runs behind the destinations: <c>vllm</c>, <c>sglang</c>, <c>llama.cpp</c>, <c>ollama</c> or <c>openai</c>; null = any that speaks OpenAI.</summary>
    public string? Engine { get; init; }

    /// <summary>How the backend stores its KV cache, in the words of its engine; null = unknown. Informative.</summary>
    public string? KvCache { get; init; }

    /// <summary>Longest conversation the backend takes, in tokens; null = unknown.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Name of a YARP load-balancing policy.</summary>
    public string LoadBalancing { get; init; } = "PowerOfTwoChoices";

    /// <summary>Where the backend's secret is found; null = none is sent.</summary>
    public ClusterCredentials? Credentials { get; init; }

    /// <summary>The three clocks.</summary>
    public ClusterTimeouts Timeouts { get; init; } = new();
}
