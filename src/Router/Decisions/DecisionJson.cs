using System.Collections.Immutable;
using System.Text.Json;

namespace RouterGateway.Router.Decisions;

/// <summary>The parts of a decision that the dry run, <c>explain --json</c> and receipts write alike.</summary>
public static class DecisionJson
{
    /// <summary>Writes the property <c>scores</c>: the probability of every route, likeliest first.</summary>
    public static void WriteScores(Utf8JsonWriter json, ImmutableArray<RouteScore> scores)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject("scores"u8);
        foreach (var score in scores.IsDefault ? [] : scores)
        {
            json.WriteNumber(score.RouteId, Rounded(score.Probability, 4));
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the stages of a decision as properties, in milliseconds.</summary>
    public static void WriteStages(Utf8JsonWriter json, DecisionTimings timings)
    {
        WriteNumber(json, "select"u8, timings.SelectMs, 3);
        WriteNumber(json, "cache"u8, timings.CacheMs, 3);
        WriteNumber(json, "queue"u8, timings.QueueMs, 3);
        WriteNumber(json, "tokenise"u8, timings.TokeniseMs, 3);
        WriteNumber(json, "embed"u8, timings.EmbedMs, 3);
        WriteNumber(json, "head"u8, timings.HeadMs, 3);
        WriteNumber(json, "score"u8, timings.ScoreMs, 3);
    }

    /// <summary>Writes the property <c>timings_ms</c>: the stages and their total.</summary>
    public static void WriteTimings(Utf8JsonWriter json, DecisionTimings timings)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject("timings_ms"u8);
        WriteStages(json, timings);
        WriteNumber(json, "total"u8, timings.TotalMs, 3);
        json.WriteEndObject();
    }

    /// <summary>Writes a rounded number; 0 for what is none, which JSON has no word for.</summary>
    internal static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value, int digits) => json.WriteNumber(name, Rounded(value, digits));

    private static double Rounded(double value, int digits) => double.IsFinite(value) ? Math.Round(value, digits) : 0;
}
