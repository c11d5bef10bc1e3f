using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Redis;

/// <summary>A redis-server of its own on a free port of loopback, that can be killed, started again, paused and spoken to.</summary>
internal sealed class RedisServer : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("router-tests-redis-");
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(int port, string[] arguments) => (Port, _arguments) = (port, arguments);

    public int Port { get; }

    /// <summary>Where to put files that the server or the store reads.</summary>
    public string Folder => _folder.FullName;

    /// <summary>How it is reached with a prefix of the test's own.</summary>
    public RedisSettings Settings => new($"127.0.0.1:{Port}", null, "test:");

    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(FreePort(), arguments);
        await server.RestartAsync();
        return server;
    }

    /// <summary>One that is not started yet.</summary>
    public static RedisServer Down(params string[] arguments) => new(FreePort(), arguments);

    /// <summary>True when it can speak TLS; redis-cli is built with the same options.</summary>
    public static async Task<bool> HasTlsAsync()
    {
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", ["--help"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return (await Task.WhenAll(cli.StandardOutput.ReadToEndAsync(), cli.StandardError.ReadToEndAsync())).Any(static text => text.Contains("--tls", StringComparison.Ordinal));
    }

    /// <summary>Starts it on its port and waits until it answers anything at all.</summary>
    public async Task RestartAsync(params string[] more)
    {
        var start = new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Folder, "--logfile", "redis.log", "--port", $"{Port}", .. _arguments, .. more]);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("These tests need redis-server on the PATH (apt-get install redis-server).", missing);
        }

        await Eventually.TrueAsync(IsListeningAsync, $"redis-server listens on {Port}");
    }

    /// <summary>Ends it as a machine that loses power does.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>It accepts connections (the kernel does) and answers nothing.</summary>
    public void Pause() => Signal(Stop);

    public void Resume() => Signal(Continue);

    /// <summary>Runs a command and returns what redis-cli prints.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", ["-p", $"{Port}", .. command]) { RedirectStandardOutput = true })!;
        var answer = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        return answer.TrimEnd('\n');
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsListeningAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"redis-server ended: {string.Join('\n', Directory.GetFiles(Folder, "redis.log").Select(File.ReadAllText))}");
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process!.Id, signal));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
