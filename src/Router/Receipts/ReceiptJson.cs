using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Receipts;

/// <summary>Receipts as JSON: in the shared stream and in the answers of the gateway alike.</summary>
public static partial class ReceiptJson
{
    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns a receipt as UTF-8.</summary>
    public static byte[] Serialise(DecisionReceipt receipt)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, _readable))
        {
            Write(json, receipt);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a receipt as an object.</summary>
    public static void Write(Utf8JsonWriter json, DecisionReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(receipt);
        json.WriteStartObject();
        json.WriteString("id"u8, receipt.Id);
        json.WriteString("time"u8, receipt.Time);
        json.WriteString("requestId"u8, receipt.RequestId);
        json.WriteString("outcome"u8, receipt.Outcome);
        WriteIfSet(json, "cachedOutcome"u8, receipt.CachedOutcome);
        json.WriteString("route"u8, receipt.RouteId);
        DecisionJson.WriteNumber(json, "confidence"u8, receipt.Confidence, 4);
        DecisionJson.WriteScores(json, receipt.Scores);
        json.WriteStartObject("table"u8);
        json.WriteString("version"u8, receipt.TableVersion);
        json.WriteString("routingHash"u8, receipt.RoutingHash);
        json.WriteEndObject();
        json.WriteString("modelHash"u8, receipt.ModelHash);
        WriteText(json, receipt);
        WriteSignals(json, receipt);
        json.WriteStartObject("thresholds"u8);
        DecisionJson.WriteNumber(json, "minConfidence"u8, receipt.MinConfidence, 4);
        DecisionJson.WriteNumber(json, "minMargin"u8, receipt.MinMargin, 4);
        json.WriteEndObject();
        json.WriteString("cluster"u8, receipt.ClusterId);
        json.WriteString("destination"u8, receipt.DestinationId);
        json.WriteString("model"u8, receipt.Model is null ? null : WellFormed(receipt.Model));
        json.WriteNumber("attempts"u8, receipt.Attempts);
        json.WriteNumber("status"u8, receipt.Status);
        WriteIfSet(json, "error"u8, receipt.ErrorCode);
        WriteTokens(json, receipt);
        WriteTools(json, receipt);
        WriteTimings(json, receipt.Timings);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, DecisionReceipt receipt)
    {
        json.WriteStartObject("text"u8);
        json.WriteString("hash"u8, receipt.TextHash);
        json.WriteNumber("tokens"u8, receipt.TextTokens);
        json.WriteBoolean("truncated"u8, receipt.Truncated);
        if (receipt.Text is { } text)
        {
            json.WriteString("ask"u8, WellFormed(text.Ask));
            WriteIfSet(json, "classified"u8, text.Text == text.Ask ? null : WellFormed(text.Text));
        }

        json.WriteEndObject();
    }

    private static void WriteSignals(Utf8JsonWriter json, DecisionReceipt receipt)
    {
        json.WriteStartObject("signals"u8);
        if (receipt.Rule is { } rule)
        {
            json.WriteStartObject("rule"u8);
            json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(rule.Kind));
            json.WriteString("value"u8, WellFormed(rule.Value));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("rule"u8);
        }

        json.WriteBoolean("hasTools"u8, receipt.HasTools);
        json.WriteBoolean("hasImages"u8, receipt.HasImages);
        json.WriteBoolean("hasContext"u8, receipt.HasContext);
        WriteIfSet(json, "session"u8, receipt.Session);
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, DecisionReceipt receipt)
    {
        json.WriteStartObject("tokens"u8);
        if (receipt.PromptTokens is { } prompt)
        {
            json.WriteNumber("prompt"u8, prompt);
        }

        if (receipt.CompletionTokens is { } completion)
        {
            json.WriteNumber("completion"u8, completion);
        }

        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, DecisionReceipt receipt)
    {
        if (receipt is { OfferedTools.IsEmpty: true, ToolCalls.IsEmpty: true })
        {
            return;
        }

        json.WriteStartObject("tools"u8);
        json.WriteStartArray("offered"u8);
        foreach (var name in receipt.OfferedTools)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("calls"u8);
        foreach (var call in receipt.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, call.Name);
            json.WriteNumber("version"u8, call.Version);
            json.WriteString("arguments"u8, call.ArgumentsHash);
            json.WriteString("result"u8, call.ResultHash);
            json.WriteBoolean("isError"u8, call.IsError);
            DecisionJson.WriteNumber(json, "ms"u8, call.ElapsedMs, 3);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTimings(Utf8JsonWriter json, in ReceiptTimings timings)
    {
        json.WriteStartObject("timings_ms"u8);
        DecisionJson.WriteNumber(json, "parse"u8, timings.ParseMs, 3);
        DecisionJson.WriteStages(json, timings.Decision);
        DecisionJson.WriteNumber(json, "route"u8, timings.Decision.TotalMs, 3);
        DecisionJson.WriteNumber(json, "decide"u8, timings.DecideMs, 3);
        if (timings.FirstTokenMs is { } firstToken)
        {
            DecisionJson.WriteNumber(json, "firstToken"u8, firstToken, 3);
        }

        DecisionJson.WriteNumber(json, "total"u8, timings.TotalMs, 3);
        json.WriteEndObject();
    }

    private static void WriteIfSet(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    // Replaces lone surrogates, which Utf8JsonWriter refuses.
    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                return string.Concat(text.EnumerateRunes());
            }
        }

        return text;
    }
}
