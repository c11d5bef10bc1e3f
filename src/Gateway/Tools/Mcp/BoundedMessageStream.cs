namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Reads from a server, but no message longer than a bound: readers of lines and events would otherwise keep whatever they are sent.</summary>
/// <param name="inner">What is read; owned.</param>
/// <param name="maxBytes">Most bytes of a message.</param>
/// <param name="end">What ends a message.</param>
/// <param name="ended">Called once, when there is no more to read; <c>null</c>: nobody asks.</param>
internal sealed class BoundedMessageStream(Stream inner, long maxBytes, MessageEnd end, Action? ended = null) : Stream
{
    private Action? _ended = ended;
    private long _messageBytes;
    private bool _isLineEmpty = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            End();
            throw;
        }

        Count(buffer.Span[..read]);
        if (read == 0 && !buffer.IsEmpty)
        {
            End();
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Count(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var newline = end == MessageEnd.Stream ? -1 : bytes.IndexOf((byte)'\n');
            var line = newline < 0 ? bytes : bytes[..newline];
            _messageBytes += line.Length;
            _isLineEmpty &= line.IndexOfAnyExcept((byte)'\r') < 0;
            if (_messageBytes > maxBytes)
            {
                End();
                throw new IOException($"The server sent a message of more than {maxBytes} bytes.");
            }

            if (newline < 0)
            {
                return;
            }

            _messageBytes = end == MessageEnd.Line || _isLineEmpty ? 0 : _messageBytes;
            _isLineEmpty = true;
            bytes = bytes[(newline + 1)..];
        }
    }

    private void End() => Interlocked.Exchange(ref _ended, null)?.Invoke();
}
