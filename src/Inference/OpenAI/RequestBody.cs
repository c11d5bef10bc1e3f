using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads request bodies: their bytes up to a limit, and JSON.</summary>
internal static class RequestBody
{
    // A body over the limit is read on, up to this many times the limit, and thrown away: most clients look for the
    // answer only when they have sent everything.
    private const int DrainFactor = 4;

    /// <summary>Reads the whole body.</summary>
    /// <returns>The bytes; <see langword="null"/> if there are more than the limit.</returns>
    /// <exception cref="BadHttpRequestException">The client broke off or its framing is wrong.</exception>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, long limitBytes, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 256, Math.Min(limitBytes, 1 << 20)));
        var total = 0L;
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellationToken);
            total += result.Buffer.Length;
            if (total <= limitBytes)
            {
                foreach (var segment in result.Buffer)
                {
                    buffer.Write(segment.Span);
                }
            }

            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled || total > limitBytes * DrainFactor)
            {
                return total <= limitBytes ? buffer.ToArray() : null;
            }
        }
    }

    /// <summary>Parses a body that must be a JSON object; the caller disposes it.</summary>
    /// <exception cref="RequestFormatException">It is not one.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new RequestFormatException(OpenAIError.InvalidJson("The request body is not valid UTF-8."));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body[(body.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0)..]);
        }
        catch (JsonException e)
        {
            throw new RequestFormatException(OpenAIError.InvalidJson($"We could not parse the JSON body of your request: {e.Message}"));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new RequestFormatException(OpenAIError.InvalidJson("The request body must be a JSON object."));
    }
}
