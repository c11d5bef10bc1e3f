using System.Text.Json;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Gateway.Decisions;

/// <summary>The parts of a decision that the dry run and <c>explain --json</c> write alike.</summary>
internal static class DecisionJson
{
    /// <summary>Writes the property <c>scores</c>: the probability of every route, likeliest first.</summary>
    public static void WriteScores(Utf8JsonWriter json, Decision decision)
    {
        json.WriteStartObject("scores"u8);
        foreach (var score in decision.Scores)
        {
            json.WriteNumber(score.RouteId, Math.Round(score.Probability, 4));
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the property <c>timings_ms</c>.</summary>
    public static void WriteTimings(Utf8JsonWriter json, DecisionTimings timings)
    {
        json.WriteStartObject("timings_ms"u8);
        json.WriteNumber("select"u8, Math.Round(timings.SelectMs, 3));
        json.WriteNumber("cache"u8, Math.Round(timings.CacheMs, 3));
        json.WriteNumber("queue"u8, Math.Round(timings.QueueMs, 3));
        json.WriteNumber("tokenise"u8, Math.Round(timings.TokeniseMs, 3));
        json.WriteNumber("embed"u8, Math.Round(timings.EmbedMs, 3));
        json.WriteNumber("head"u8, Math.Round(timings.HeadMs, 3));
        json.WriteNumber("score"u8, Math.Round(timings.ScoreMs, 3));
        json.WriteNumber("total"u8, Math.Round(timings.TotalMs, 3));
        json.WriteEndObject();
    }
}
