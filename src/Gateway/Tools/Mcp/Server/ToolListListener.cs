using System.Threading.Channels;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>An open stream on which a client hears that its list of tools changed.</summary>
internal sealed class ToolListListener(string owner, SeenToolList seen, Action<ToolListListener> leave) : IDisposable
{
    // one signal says all: the client lists anew
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task<bool>? _waiting;

    public string Owner { get; } = owner;

    public SeenToolList Seen { get; } = seen;

    public void Signal() => _signals.Writer.TryWrite(true);

    /// <summary>Waits for the next change; one caller at a time.</summary>
    /// <returns>False when <paramref name="atMost"/> passed without one.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _waiting ??= _signals.Reader.WaitToReadAsync(cancellationToken).AsTask(); // one reader over all time-outs, or they would pile up
        try
        {
            await _waiting.WaitAsync(atMost, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }

        _waiting = null;
        return _signals.Reader.TryRead(out _);
    }

    public void Dispose() => leave(this);
}
