using System.Collections.Concurrent;
using System.Collections.Immutable;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Gateway.Tools;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Gateway;

/// <summary>What is known of one request so far: filled by the stages, read by the headers, the log and the metrics.</summary>
internal sealed class GatewayRequest(string id, long startedTimestamp)
{
    private readonly ConcurrentQueue<ToolCallReceipt> _toolCalls = new();
    private int _earlierPromptTokens = -1;
    private int _earlierCompletionTokens = -1;

    /// <summary>The client's <c>x-request-id</c>, or one made here.</summary>
    public string Id { get; } = id;

    public long StartedTimestamp { get; } = startedTimestamp;

    /// <summary>Who asks (<see cref="Caller.TenantOf"/>).</summary>
    public string Tenant { get; set; } = "";

    /// <summary><c>null</c> until decided, and for a request that named a cluster.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Id of the decision; also given to a request that named a cluster.</summary>
    public string? DecisionId { get; set; }

    public DecisionOutcome? Outcome { get; set; }

    /// <summary>The caller offered tools.</summary>
    public bool HasTools { get; set; }

    /// <summary>A message carries an image.</summary>
    public bool HasImages { get; set; }

    /// <summary>The attempt that answered, or the last one that failed.</summary>
    public Attempt? Attempt { get; set; }

    public int Attempts { get; set; }

    /// <summary>The destination that is asked first, because it knows the conversation; <c>null</c>: any.</summary>
    public PinnedDestination? PinnedDestination { get; set; }

    /// <summary>Registered tools that were put beside the caller's own.</summary>
    public ImmutableArray<RegisteredTool> OfferedTools { get; set; } = [];

    /// <summary>The calls that the gateway ran, in the order in which they ended.</summary>
    public IReadOnlyCollection<ToolCallReceipt> ToolCalls => _toolCalls;

    /// <summary>Tokens as backends counted them, of all rounds; -1: not told.</summary>
    public int PromptTokens => Sum(_earlierPromptTokens, Attempt?.Facts.PromptTokens ?? -1);

    /// <inheritdoc cref="PromptTokens"/>
    public int CompletionTokens => Sum(_earlierCompletionTokens, Attempt?.Facts.CompletionTokens ?? -1);

    /// <summary>The model name that the backend was given.</summary>
    public string? Model { get; set; }

    public double ParseMs { get; set; }

    public double DecideMs { get; set; }

    public void AddToolCall(ToolCallReceipt call) => _toolCalls.Enqueue(call);

    /// <summary>Another round follows: what the attempt counted is kept.</summary>
    public void EndRound() => (_earlierPromptTokens, _earlierCompletionTokens) = (PromptTokens, CompletionTokens);

    private static int Sum(int earlier, int now) => earlier < 0 ? now : now < 0 ? earlier : earlier + now;
}
