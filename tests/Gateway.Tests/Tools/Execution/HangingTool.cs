using System.Threading.Channels;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Tools.Execution;

/// <summary>A tool that is asked and never answers.</summary>
internal sealed class HangingTool : IAsyncDisposable
{
    private readonly Channel<bool> _asked;
    private int _seen;

    private HangingTool(FakeDestination destination, Channel<bool> asked) => (Destination, _asked) = (destination, asked);

    public FakeDestination Destination { get; }

    public static async Task<HangingTool> StartAsync()
    {
        var asked = Channel.CreateUnbounded<bool>();
        var destination = await FakeDestination.StartAsync(async context =>
        {
            asked.Writer.TryWrite(true);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        return new HangingTool(destination, asked);
    }

    /// <summary>Completes when it was asked so many times in all.</summary>
    public async Task AskedAsync(int times)
    {
        for (; _seen < times; _seen++)
        {
            await _asked.Reader.ReadAsync();
        }
    }

    public ValueTask DisposeAsync() => Destination.DisposeAsync();
}
