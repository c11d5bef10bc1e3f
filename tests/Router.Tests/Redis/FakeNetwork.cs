using System.Net;
using System.Net.Sockets;

namespace RouterGateway.Router.Tests.Redis;

/// <summary>Carries bytes to a server, and can forget connections as a firewall does: nobody is told, and no byte arrives any more.</summary>
internal sealed class FakeNetwork : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private CancellationTokenSource _forget = new();

    public FakeNetwork(int port)
    {
        _listener.Start();
        _ = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void ForgetConnections() => Interlocked.Exchange(ref _forget, new CancellationTokenSource()).Cancel();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
        _forget.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = CarryAsync(client, port, _forget.Token, _end.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task CarryAsync(TcpClient client, int port, CancellationToken forget, CancellationToken end)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, port, end);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), forget), far.GetStream().CopyToAsync(near.GetStream(), forget));
            if (forget.IsCancellationRequested)
            {
                await Task.Delay(Timeout.Infinite, end); // open, and silent
            }
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException)
        {
            // either side went away
        }
    }
}
