namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Bytes that are added behind and taken from the front.</summary>
internal sealed class ArrayBuffer
{
    private byte[] _buffer = new byte[4096];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Drop(int length)
    {
        _buffer.AsSpan(length, _length - length).CopyTo(_buffer);
        _length -= length;
    }

    public void Clear() => _length = 0;
}
