using System.Buffers;
using System.Text.Unicode;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Protocols;

/// <summary>A request's body, read once into a rented buffer and forwarded as it came, but for the fields that must change.</summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] _buffer;
    private bool _isRented = true;

    private RequestBody(byte[] buffer, int length)
    {
        _buffer = buffer;
        Length = length;
    }

    /// <summary>A body that was written here; its array is not rented and may be anybody's.</summary>
    public static RequestBody Of(byte[] bytes, int length) => new(bytes, length) { _isRented = false };

    public int Length { get; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Reads the whole body, at most <paramref name="maxBytes"/>.</summary>
    /// <returns>The body, or why it is refused: too large, or not UTF-8.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public static async ValueTask<(RequestBody? Body, GatewayFailure? Failure)> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return (null, TooLarge(maxBytes));
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? 4096) + 1); // one more, to see the end without growing
        var length = 0;
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                length += read;
                if (length > maxBytes)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (null, TooLarge(maxBytes));
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, new GatewayFailure(GatewayError.InvalidRequest, $"The request body could not be read: {e.Message}"));
        }
        catch (InvalidDataException e) // a compressed body that does not decompress
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, new GatewayFailure(GatewayError.InvalidRequest, $"The request body could not be decompressed: {e.Message}"));
        }

        var body = new RequestBody(buffer, length);
        if (Utf8.IsValid(body.Bytes.Span))
        {
            return (body, null);
        }

        body.Dispose();
        return (null, new GatewayFailure(GatewayError.InvalidJson, "The request body is not valid UTF-8. Send JSON encoded as UTF-8."));
    }

    /// <summary>A stream over the bytes as they came, valid until this is disposed.</summary>
    public MemoryStream OpenRead() => new(_buffer, 0, Length, writable: false);

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0 && _isRented)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static GatewayFailure TooLarge(int maxBytes) =>
        new(GatewayError.PayloadTooLarge, $"The request body is larger than {maxBytes} bytes. Send less, or ask the operator to raise --max-request-bytes.");
}
