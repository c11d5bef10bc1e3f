using RouterGateway.Router.Decisions;
using RouterGateway.Router.Receipts;

namespace RouterGateway.Router.Tests.Receipts;

/// <summary>Receipts to test with.</summary>
internal static class Receipts
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A receipt of few words.</summary>
    public static DecisionReceipt Create(int number, string? route = "coding", string outcome = "classified", string? text = null) => new()
    {
        Id = $"id-{number}",
        Time = Noon.AddSeconds(number),
        Outcome = outcome,
        RouteId = route,
        Text = text is null ? null : new DecidedText(text, text),
    };

    /// <summary>A receipt with all that one can hold.</summary>
    public static DecisionReceipt Full() => new()
    {
        Id = "01a1fc6e750a7714a1c5202353597a84",
        Time = Noon.AddMilliseconds(123.4567),
        Outcome = "cache",
        CachedOutcome = "scored",
        RouteId = "coding",
        Confidence = 0.9995,
        Scores = [new RouteScore("coding", 0.9995), new RouteScore("general", 0.0005)],
        RequestId = "req_<1>",
        TableVersion = "0123456789abcdef",
        RoutingHash = "fedcba9876543210",
        ModelHash = "00112233aabbccdd",
        TextHash = "00112233445566778899aabbccddeeff",
        TextTokens = 17,
        Truncated = true,
        Text = new DecidedText("now in \"Rust\"\n\t\u0001é漢🙂", "Write a loop\nnow in \"Rust\"\n\t\u0001é漢🙂"),
        Session = "ffeeddccbbaa99887766554433221100",
        HasTools = true,
        HasImages = true,
        HasContext = true,
        Rule = new ReceiptRule("HasTools", ""),
        MinConfidence = 0.5,
        MinMargin = 0.1,
        ClusterId = "coding",
        DestinationId = "gpu-0",
        Model = "Qwen/Qwen3.6-27B",
        Attempts = 2,
        Status = 502,
        ErrorCode = "stream_broken",
        PromptTokens = 0,
        CompletionTokens = 12,
        Timings = new ReceiptTimings { ParseMs = 0.125, Decision = new DecisionTimings(0.25, 0.5, 1, 2, 3, 7.5, 0.75, 0.5), DecideMs = 8, FirstTokenMs = 9.5, TotalMs = 1234.567 },
    };
}
