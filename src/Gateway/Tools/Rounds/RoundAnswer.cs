namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>What a model answered in one round.</summary>
internal sealed record RoundAnswer
{
    public static RoundAnswer Final { get; } = new();

    /// <summary>Text; empty: none.</summary>
    public string Content { get; init; } = "";

    /// <summary>Thoughts, which models that think while they use tools want to see again; empty: none.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>All calls, in the order of the model.</summary>
    public IReadOnlyList<RequestedCall> Calls { get; init; } = [];

    /// <summary>The answer was cut off, so its last call may be, too.</summary>
    public bool IsCutOff { get; init; }
}
