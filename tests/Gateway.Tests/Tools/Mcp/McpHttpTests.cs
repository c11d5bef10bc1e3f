using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>A real server over HTTP, the transport of today and the one before.</summary>
public sealed class McpHttpTests
{
    [Theory]
    [InlineData("streamableHttp", "/mcp")]
    [InlineData("sse", "/sse")]
    public async Task Everything_RealServer_Works(string transport, string path)
    {
        var node = await NodeClients.InstallAsync();
        var port = FreePort();
        var start = new ProcessStartInfo(node, [Path.Combine("node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js"), transport])
        {
            WorkingDirectory = NodeClients.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        using var server = Process.Start(start)!;
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            await using var gateway = await McpGateway.StartAsync($$""" "e": { "url": "http://127.0.0.1:{{port}}{{path}}", "timeout": "10s", "allow": ["echo", "trigger-long*"] } """);
            await gateway.NamesAsync("e__echo", "e__trigger-long-running-operation");
            var steps = new ProgressLog();

            Assert.Equal("Echo: hello", (await gateway.CallAsync("e", "echo", """{"message":"hello"}""")).Text);
            var result = await gateway.CallAsync("e", "trigger-long-running-operation", """{"duration":0.3,"steps":3}""", steps);

            Assert.False(result.IsError);
            Assert.Equal([1, 2, 3], steps.Seen.Select(static step => step.Done));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
