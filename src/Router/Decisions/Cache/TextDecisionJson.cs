using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions.Cache;

/// <summary>How a <see cref="TextDecision"/> stands in Redis: small JSON that <c>redis-cli GET</c> shows.</summary>
internal static class TextDecisionJson
{
    private const int Version = 1;
    private const int Digits = 6;

    /// <summary>Writes it.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="until">When it is forgotten.</param>
    public static byte[] Write(TextDecision decision, DateTimeOffset until)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteString("route"u8, decision.RouteId);
            json.WriteString("outcome"u8, decision.Outcome.ToHeaderValue());
            json.WriteStartObject("scores"u8);
            foreach (var score in decision.Scores)
            {
                json.WriteNumber(score.RouteId, Math.Round(score.Probability, Digits));
            }

            json.WriteEndObject();
            json.WriteNumber("tokens"u8, decision.TextTokens);
            json.WriteBoolean("truncated"u8, decision.Truncated);
            json.WriteBoolean("clear"u8, decision.IsClear);
            json.WriteBoolean("scored"u8, decision.WasScored);
            json.WriteNumber("until"u8, until.ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads it; null for what this version cannot read, whatever it is.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="table">The table that it was decided by.</param>
    /// <param name="until">Receives when it is forgotten.</param>
    public static TextDecision? TryRead(ReadOnlySpan<byte> value, RouteTable table, out DateTimeOffset until)
    {
        until = default;
        try
        {
            var stored = JsonSerializer.Deserialize(value, StoredContext.Default.Stored);
            until = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(stored?.Until ?? 0, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
            return stored is { V: Version, Route: { } route, Scores: { } scores } &&
                DecisionOutcomeExtensions.TryParse(stored.Outcome, out var outcome) &&
                outcome is DecisionOutcome.Classified or DecisionOutcome.Scored or DecisionOutcome.DefaultLowConfidence &&
                table.RoutesById.ContainsKey(route) &&
                scores.Count == table.Routes.Length &&
                scores.All(score => table.RoutesById.ContainsKey(score.Key) && score.Value is >= 0 and <= 1)
                ? new TextDecision
                {
                    RouteId = route,
                    Outcome = outcome,
                    Scores = [.. scores.Select(static score => new RouteScore(score.Key, score.Value)).OrderByDescending(static score => score.Probability).ThenBy(static score => score.RouteId, StringComparer.Ordinal)],
                    TextTokens = stored.Tokens,
                    Truncated = stored.Truncated,
                    IsClear = stored.Clear,
                    WasScored = stored.Scored,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Stored
    {
        public int V { get; init; }

        public string? Route { get; init; }

        public string? Outcome { get; init; }

        public IReadOnlyDictionary<string, double>? Scores { get; init; }

        public int Tokens { get; init; }

        public bool Truncated { get; init; }

        public bool Clear { get; init; }

        public bool Scored { get; init; }

        public long Until { get; init; }
    }
}

/// <summary>Generated metadata of <see cref="TextDecisionJson.Stored"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TextDecisionJson.Stored))]
internal sealed partial class StoredContext : JsonSerializerContext;
