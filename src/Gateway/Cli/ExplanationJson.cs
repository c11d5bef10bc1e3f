using System.Text.Json;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>Writes an explanation for programs.</summary>
internal static class ExplanationJson
{
    public static Task WriteAsync(Explanation explanation) => Terminal.WriteJsonAsync(json => Write(json, explanation));

    /// <summary>Replaces lone surrogates, which a text may hold and Utf8JsonWriter refuses.</summary>
    public static string WellFormed(string text) => string.Concat(text.EnumerateRunes());

    public static void WriteExample(Utf8JsonWriter json, NearestExample example)
    {
        json.WriteStartObject();
        json.WriteString("route"u8, example.RouteId);
        json.WriteNumber("similarity"u8, Math.Round(example.Similarity, 6));
        json.WriteString("text"u8, example.Text);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        var decision = explanation.Decision;
        json.WriteStartObject();
        json.WriteString("route"u8, decision.Route.Id);
        json.WriteString("cluster"u8, decision.Route.ClusterId);
        json.WriteString("outcome"u8, decision.Outcome.ToHeaderValue());
        json.WriteNumber("confidence"u8, decision.Confidence);
        json.WriteString("reason"u8, explanation.Reason);
        WriteText(json, explanation);
        WriteSignals(json, explanation);
        DecisionJson.WriteScores(json, decision.Scores);
        json.WriteStartObject("thresholds"u8);
        json.WriteNumber("minConfidence"u8, decision.Table.Settings.MinConfidence);
        json.WriteNumber("minConfidenceOfLikeliest"u8, explanation.MinConfidence);
        json.WriteNumber("minMargin"u8, decision.Table.Settings.MinMargin);
        json.WriteNumber("margin"u8, explanation.Margin);
        json.WriteEndObject();
        WriteNearest(json, explanation);
        DecisionJson.WriteTimings(json, decision.Timings);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject("text"u8);
        json.WriteString("scope"u8, explanation.Scope.ToName());
        json.WriteString("ask"u8, WellFormed(explanation.Ask));
        json.WriteString("classified"u8, WellFormed(explanation.Text));
        json.WriteString("read"u8, explanation.Inspection is { } inspection ? WellFormed(inspection.Text) : null);
        json.WriteNumber("tokens"u8, explanation.Decision.TextTokens);
        json.WriteNumber("tokensRead"u8, explanation.Inspection?.TokensRead ?? 0);
        json.WriteBoolean("truncated"u8, explanation.Decision.Truncated);
        json.WriteStartArray("changes"u8);
        foreach (var change in explanation.Changes)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()));
            json.WriteString("what"u8, change.What);
            json.WriteNumber("characters"u8, change.Characters);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSignals(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject("signals"u8);
        if (explanation.Rule is { } rule)
        {
            json.WriteStartObject("rule"u8);
            json.WriteString("route"u8, rule.Route.Id);
            json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(rule.Kind.ToString()));
            json.WriteString("value"u8, rule.Value);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("rule"u8);
        }

        json.WriteBoolean("hasTools"u8, explanation.HasTools);
        json.WriteBoolean("hasImages"u8, explanation.HasImages);
        json.WriteBoolean("hasContext"u8, explanation.HasContext);
        json.WriteEndObject();
    }

    private static void WriteNearest(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartArray("nearest"u8);
        foreach (var example in explanation.Inspection?.Nearest ?? [])
        {
            WriteExample(json, example);
        }

        json.WriteEndArray();
    }
}
