using System.Collections.Frozen;

namespace RouterGateway.Inference.Telemetry;

/// <summary>What the server has counted since its start. Thread-safe.</summary>
internal sealed class InferenceMetrics
{
    /// <summary>The ways a generation can end, as vLLM names them.</summary>
    public static readonly string[] FinishedReasons = ["stop", "length", "abort", "error"];

    private static readonly FrozenDictionary<string, int> _reasonIndexes =
        FinishedReasons.Index().ToFrozenDictionary(static pair => pair.Item, static pair => pair.Index);

    private readonly long[] _finished = new long[FinishedReasons.Length];
    private long _promptTokens;
    private long _generatedTokens;
    private long _refused;

    /// <summary>Seconds from a request's arrival to its first token.</summary>
    public Histogram TimeToFirstToken { get; } = new(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160);

    /// <summary>Tokens of prompts that went through the model.</summary>
    public long PromptTokens => Interlocked.Read(ref _promptTokens);

    /// <summary>Tokens the model has produced.</summary>
    public long GeneratedTokens => Interlocked.Read(ref _generatedTokens);

    /// <summary>Requests refused because the queue was full.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void CountPromptTokens(int tokens) => Interlocked.Add(ref _promptTokens, tokens);

    public void CountGeneratedToken() => Interlocked.Increment(ref _generatedTokens);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    /// <param name="reason">One of <see cref="FinishedReasons"/>.</param>
    public void CountFinished(string reason) => Interlocked.Increment(ref _finished[_reasonIndexes[reason]]);

    /// <summary>Generations that ended for a reason.</summary>
    public long Finished(string reason) => Interlocked.Read(ref _finished[_reasonIndexes[reason]]);
}
