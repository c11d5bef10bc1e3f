using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Writes errors in OpenAI's shape; nothing else writes an error status.</summary>
internal static class OpenAIErrorWriter
{
    /// <summary>Answers a request with an error; nothing may have been sent yet.</summary>
    public static async Task WriteAsync(HttpResponse response, OpenAIError error, CancellationToken cancellationToken)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        if (error.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = (seconds * 1000).ToString(CultureInfo.InvariantCulture);
        }

        WriteBody(response.BodyWriter, error);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    /// <summary>Writes {"error":{...}}.</summary>
    public static void WriteBody(PipeWriter body, OpenAIError error)
    {
        using var json = new Utf8JsonWriter(body, WireFormat.WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Parameter);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
