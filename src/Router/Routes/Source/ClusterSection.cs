using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("Interchangeable destinations that serve one model, or one embedded model.")]
internal sealed record ClusterSection
{
    [Description("A model that the gateway serves itself; instead of destinations.")]
    public EmbeddedSection? Embedded { get; init; }

    [AllowedValues("vllm", "sglang", "llama.cpp", "ollama", "openai")]
    [Description("What runs behind the destinations.")]
    public string? Engine { get; init; }

    [MinLength(1)]
    [Description("Model name sent to the destinations; without it the caller's. An embedded model is named after its folder.")]
    public string? Model { get; init; }

    [MinLength(1)]
    [Description("Addresses by name, as in { \"gpu-0\": \"http://gpu-0:8000/\" }.")]
    public IReadOnlyDictionary<string, string?>? Destinations { get; init; }

    [MinLength(1)]
    [Description("How the destinations store their KV cache, in the words of their engine (informative).")]
    public string? KvCache { get; init; }

    [Range(1, int.MaxValue)]
    [Description("Longest conversation the destinations take, in tokens.")]
    public int? ContextTokens { get; init; }

    [AllowedValues("PowerOfTwoChoices", "LeastRequests", "RoundRobin", "Random", "FirstAlphabetical")]
    [DefaultValue("PowerOfTwoChoices")]
    [Description("How a destination is chosen.")]
    public string? LoadBalancing { get; init; }

    [Description("Where the secret for the destinations is found.")]
    public CredentialsSection? Credentials { get; init; }

    [Description("The three clocks; there is none for the whole answer.")]
    public TimeoutsSection? Timeouts { get; init; }
}
