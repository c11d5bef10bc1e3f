using System.Net.Http.Headers;
using System.Text;
using RouterGateway.Gateway.Tools.Mcp.Server;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>Requests of the revision without sessions.</summary>
internal static class LoneRequests
{
    public const string Version = "2026-07-28";

    /// <param name="method">The method, in header and body.</param>
    /// <param name="parameters">Members of <c>params</c>, besides those that every request has.</param>
    /// <param name="name">The header Mcp-Name; <c>null</c>: none.</param>
    /// <param name="key">The caller's key; empty: none.</param>
    public static HttpRequestMessage Create(string method, string parameters = "", string? name = null, string key = "")
    {
        const string Meta = $$""" "_meta":{"io.modelcontextprotocol/protocolVersion":"{{Version}}","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{} } """;
        var body = $$"""{"jsonrpc":"2.0","id":5,"method":"{{method}}","params":{ {{Meta}} {{(parameters.Length == 0 ? "" : "," + parameters)}} } }""";
        var request = ToolServerHost.Request(HttpMethod.Post, key);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.Add(McpHeaders.ProtocolVersion, Version);
        request.Headers.Add(McpHeaders.Method, method);
        if (name is not null)
        {
            request.Headers.Add(McpHeaders.Name, name);
        }

        return request;
    }
}
