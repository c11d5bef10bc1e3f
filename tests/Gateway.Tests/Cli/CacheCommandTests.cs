using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Cli;

/// <summary>The verb as users run it, against a gateway in this process.</summary>
public sealed class CacheCommandTests
{
    [Fact]
    public async Task Stats_ARunningGateway_ShowsATable()
    {
        await using var gateway = await StartAsync(null);

        var (exitCode, output, errors) = await GatewayProcess.RunAsync("cache", "stats", "--url", gateway.Address.ToString());

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.All(["decisions", "0 of 50,000", "conversations", "hits", "misses", "joined", "evictions", "receipts", "0 of 10,000", "Redis", "none"], part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stats_AsJson_IsTheAnswer()
    {
        await using var gateway = await StartAsync(null);

        var (exitCode, output, _) = await GatewayProcess.RunAsync("cache", "stats", "--json", "--url", gateway.Address.ToString());

        Assert.Equal(0, exitCode);
        using var document = JsonDocument.Parse(output);
        Assert.Equal(50_000, document.RootElement.GetProperty("capacity").GetInt32());
    }

    [Fact]
    public async Task Flush_TheKeyInTheEnvironment_Flushes()
    {
        await using var gateway = await StartAsync("right");

        var (exitCode, output, errors) = await GatewayProcess.RunAsync("right", ["cache", "flush", "--route", "general", "--url", gateway.Address.ToString()]);

        Assert.Equal((0, "Flushed: 0 in the gateway's memory, 0 in Redis", ""), (exitCode, output.TrimEnd(), errors));
    }

    [Theory]
    [InlineData(null, "which is not set")]
    [InlineData("wrong", "which is another one than the gateway's")]
    public async Task Flush_WithoutTheRightKey_SaysSo(string? key, string message)
    {
        await using var gateway = await StartAsync("right");

        var (exitCode, output, errors) = await GatewayProcess.RunAsync(key, ["cache", "flush", "--url", gateway.Address.ToString()]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("ROUTERGATEWAY_ADMIN_KEY, " + message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flush_AnUnknownRoute_SaysWhatWasMeant()
    {
        await using var gateway = await StartAsync(null);

        var (exitCode, _, errors) = await GatewayProcess.RunAsync("cache", "flush", "--route", "ge\"nerl", "--url", gateway.Address.ToString());

        Assert.Equal(1, exitCode);
        Assert.Equal("There is no route \"ge\"nerl\"; did you mean \"general\"?", errors.TrimEnd());
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("ftp://localhost")]
    [InlineData("nonsense")]
    public async Task Stats_NoAddress_SaysWhatOneIs(string url)
    {
        var (exitCode, _, errors) = await GatewayProcess.RunAsync("cache", "stats", "--url", url);

        Assert.Equal(2, exitCode);
        Assert.Contains("is no address; it must be one such as http://localhost:8080", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_NobodyListens_SaysSo()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // taken, and not listening

        var (exitCode, _, errors) = await GatewayProcess.RunAsync("cache", "stats", "--url", $"http://{socket.LocalEndPoint}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"No gateway answers at http://{socket.LocalEndPoint}/: Connection refused", errors, StringComparison.Ordinal);
        Assert.Contains("--url", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>hello</html>", 200, "is not JSON")]
    [InlineData("<html>no</html>", 404, "answered 404")]
    [InlineData("""{"error":"no"}""", 500, "answered 500")]
    public async Task Stats_SomethingElseAnswers_SaysSo(string body, int status, string message)
    {
        await using var other = await FakeDestination.StartAnsweringAsync(body, status);

        var (exitCode, output, errors) = await GatewayProcess.RunAsync("cache", "stats", "--url", other.Address);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Contains("is it a gateway?", errors, StringComparison.Ordinal);
    }

    private static Task<GatewayHost> StartAsync(string? key) =>
        GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), configure: options => options.AdminKey = key);
}
