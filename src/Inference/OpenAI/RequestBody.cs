using Microsoft.AspNetCore.Http;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads request bodies up to a limit.</summary>
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
}
