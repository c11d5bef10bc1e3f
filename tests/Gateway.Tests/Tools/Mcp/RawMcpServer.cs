using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>A server that says whatever a test wants it to say, well-formed or not.</summary>
internal sealed class RawMcpServer : IAsyncDisposable
{
    private readonly FakeDestination _server;

    private RawMcpServer(FakeDestination server) => _server = server;

    public string Address => _server.Address;

    /// <param name="answer">The result of a method with such parameters as JSON; one that begins with <c>!</c> is an error.</param>
    public static async Task<RawMcpServer> StartAsync(Func<string, JsonElement, string> answer)
    {
        FakeDestination server = null!;
        server = await FakeDestination.StartAsync(context => AnswerAsync(context, server.Requests.Last().Body, answer));
        return new RawMcpServer(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, string body, Func<string, JsonElement, string> answer)
    {
        if (context.Request.Method != "POST")
        {
            context.Response.StatusCode = 405;
            return;
        }

        var request = JsonElement.Parse(body);
        var method = request.GetProperty("method").GetString()!;
        if (!request.TryGetProperty("id", out var id))
        {
            context.Response.StatusCode = 202;
            return;
        }

        request.TryGetProperty("params", out var parameters);
        var result = method switch
        {
            "initialize" => """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}""",
            "server/discover" => """!{"code":-32601,"message":"unknown"}""",
            _ => answer(method, parameters),
        };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(result.StartsWith('!')
            ? $$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"error":{{result[1..]}} }"""
            : $$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"result":{{result}} }""");
    }
}
