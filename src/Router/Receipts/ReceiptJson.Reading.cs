using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Receipts;

public static partial class ReceiptJson
{
    /// <summary>Reads a receipt that this or another version wrote: what is unknown is passed over, what is missing has its default.</summary>
    /// <returns>False when it is no receipt: not JSON, or without id, time or outcome.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out DecisionReceipt? receipt)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            receipt = Read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // half a surrogate pair in a name or value is the latter
        {
            receipt = null;
        }

        return receipt is not null;
    }

    private static DecisionReceipt? Read(JsonElement root)
    {
        if (Text(root, "id"u8) is not { } id || Text(root, "outcome"u8) is not { } outcome ||
            !TryGet(root, "time"u8, JsonValueKind.String, out var time) || !time.TryGetDateTimeOffset(out var at))
        {
            return null;
        }

        var (table, text, signals, thresholds, tokens) = (Object(root, "table"u8), Object(root, "text"u8), Object(root, "signals"u8), Object(root, "thresholds"u8), Object(root, "tokens"u8));
        return new DecisionReceipt
        {
            Id = id,
            Time = at,
            Outcome = outcome,
            CachedOutcome = Text(root, "cachedOutcome"u8),
            RouteId = Text(root, "route"u8),
            Confidence = Number(root, "confidence"u8) ?? 0,
            Scores = Scores(Object(root, "scores"u8)),
            RequestId = Text(root, "requestId"u8) ?? "",
            TableVersion = Text(table, "version"u8) ?? "",
            RoutingHash = Text(table, "routingHash"u8) ?? "",
            ModelHash = Text(root, "modelHash"u8) ?? "",
            TextHash = Text(text, "hash"u8) ?? "",
            TextTokens = Integer(text, "tokens"u8) ?? 0,
            Truncated = IsTrue(text, "truncated"u8),
            Text = Text(text, "ask"u8) is { } ask ? new DecidedText(ask, Text(text, "classified"u8) ?? ask) : null,
            Session = Text(signals, "session"u8),
            HasTools = IsTrue(signals, "hasTools"u8),
            HasImages = IsTrue(signals, "hasImages"u8),
            HasContext = IsTrue(signals, "hasContext"u8),
            Rule = Rule(Object(signals, "rule"u8)),
            MinConfidence = Number(thresholds, "minConfidence"u8) ?? 0,
            MinMargin = Number(thresholds, "minMargin"u8) ?? 0,
            ClusterId = Text(root, "cluster"u8),
            DestinationId = Text(root, "destination"u8),
            Model = Text(root, "model"u8),
            OfferedTools = Names(Object(root, "tools"u8)),
            ToolCalls = Calls(Object(root, "tools"u8)),
            Attempts = Integer(root, "attempts"u8) ?? 0,
            Status = Integer(root, "status"u8) ?? 0,
            ErrorCode = Text(root, "error"u8),
            PromptTokens = Integer(tokens, "prompt"u8),
            CompletionTokens = Integer(tokens, "completion"u8),
            Timings = Timings(Object(root, "timings_ms"u8)),
        };
    }

    private static ReceiptTimings Timings(JsonElement timings) => new()
    {
        ParseMs = Number(timings, "parse"u8) ?? 0,
        Decision = new DecisionTimings(
            SelectMs: Number(timings, "select"u8) ?? 0,
            QueueMs: Number(timings, "queue"u8) ?? 0,
            TokeniseMs: Number(timings, "tokenise"u8) ?? 0,
            EmbedMs: Number(timings, "embed"u8) ?? 0,
            HeadMs: Number(timings, "head"u8) ?? 0,
            TotalMs: Number(timings, "route"u8) ?? 0,
            ScoreMs: Number(timings, "score"u8) ?? 0,
            CacheMs: Number(timings, "cache"u8) ?? 0),
        DecideMs = Number(timings, "decide"u8) ?? 0,
        FirstTokenMs = Number(timings, "firstToken"u8),
        TotalMs = Number(timings, "total"u8) ?? 0,
    };

    private static ImmutableArray<RouteScore> Scores(JsonElement scores) => scores.ValueKind != JsonValueKind.Object ? [] :
        [.. scores.EnumerateObject().Where(static score => score.Value.ValueKind == JsonValueKind.Number).Select(static score => new RouteScore(score.Name, Finite(score.Value)))];

    private static ReceiptRule? Rule(JsonElement rule) =>
        Text(rule, "kind"u8) is { Length: > 0 } kind ? new ReceiptRule(char.ToUpperInvariant(kind[0]) + kind[1..], Text(rule, "value"u8) ?? "") : null;

    private static JsonElement Object(JsonElement parent, ReadOnlySpan<byte> name) => TryGet(parent, name, JsonValueKind.Object, out var value) ? value : default;

    private static ImmutableArray<string> Names(JsonElement tools) =>
        TryGet(tools, "offered"u8, JsonValueKind.Array, out var offered) ? [.. offered.EnumerateArray().Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString()!)] : [];

    private static ImmutableArray<ToolCallReceipt> Calls(JsonElement tools) =>
        TryGet(tools, "calls"u8, JsonValueKind.Array, out var calls)
            ? [.. calls.EnumerateArray().Select(static call => new ToolCallReceipt(
                Text(call, "name"u8) ?? "", Integer(call, "version"u8) ?? 0, Text(call, "arguments"u8) ?? "", Text(call, "result"u8) ?? "", IsTrue(call, "isError"u8), Number(call, "ms"u8) ?? 0))]
            : [];

    private static string? Text(JsonElement parent, ReadOnlySpan<byte> name) => TryGet(parent, name, JsonValueKind.String, out var value) ? value.GetString() : null;

    private static bool IsTrue(JsonElement parent, ReadOnlySpan<byte> name) => TryGet(parent, name, JsonValueKind.True, out _);

    private static int? Integer(JsonElement parent, ReadOnlySpan<byte> name) =>
        TryGet(parent, name, JsonValueKind.Number, out var value) && value.TryGetInt32(out var number) ? number : null;

    private static double? Number(JsonElement parent, ReadOnlySpan<byte> name) => TryGet(parent, name, JsonValueKind.Number, out var value) ? Finite(value) : null;

    private static double Finite(JsonElement number) => number.TryGetDouble(out var value) && double.IsFinite(value) ? value : 0;

    private static bool TryGet(JsonElement parent, ReadOnlySpan<byte> name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out value) && value.ValueKind == kind;
    }
}
