using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Mcp.Server;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>A gateway whose tools are functions of the test.</summary>
internal sealed class ToolServerHost : IAsyncDisposable
{
    public const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private ToolServerHost(GatewayHost gateway, FakeToolFunctions functions) => (Gateway, Functions) = (gateway, functions);

    public GatewayHost Gateway { get; }

    public FakeToolFunctions Functions { get; }

    public ToolRegistry Registry => Gateway.Services.GetRequiredService<ToolRegistry>();

    public ToolSessions Sessions => Gateway.Services.GetRequiredService<ToolSessions>();

    public Uri Endpoint => new(Gateway.Address, McpEndpoint.Path);

    public static async Task<ToolServerHost> StartAsync(Action<GatewayOptions>? configure = null, TimeProvider? timeProvider = null)
    {
        var functions = new FakeToolFunctions();
        var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:9"), configure: configure, services: services =>
        {
            services.Replace(ServiceDescriptor.Singleton<ToolFunctionFactory>(functions));
            if (timeProvider is not null)
            {
                services.Replace(ServiceDescriptor.Singleton(timeProvider));
            }
        });
        return new ToolServerHost(gateway, functions);
    }

    /// <summary>The owner that callers with that bearer key are; an empty key: callers without one.</summary>
    public static string OwnerOf(string key) => Caller.TenantOf(key.Length == 0 ? new HeaderDictionary() : new HeaderDictionary { ["Authorization"] = "Bearer " + key });

    public static ToolDefinition Definition(string name, string? more = null, string parameters = """{"type":"object","properties":{"text":{"type":"string"}}}""")
    {
        var (definition, faults) = ToolDefinitionReader.Read(JsonElement.Parse($$"""{"name":"{{name}}","description":"Does {{name}}","parameters":{{parameters}},"http":{"url":"http://tools.example/{{name}}"}{{more}}}"""));
        return definition ?? throw new InvalidOperationException(string.Join("; ", faults));
    }

    public void Register(string key, params ToolDefinition[] definitions) => Assert.NotNull(Registry.Register(OwnerOf(key), definitions, TimeProvider.System.GetUtcNow()).Registered);

    /// <summary>Registers tools of these names, with a function each.</summary>
    public void Register(string key, FakeToolFunctions.RunAsync run, params string[] names)
    {
        Array.ForEach(names, name => Functions.Add(name, run));
        Register(key, [.. names.Select(static name => Definition(name))]);
    }

    public async Task<HttpResponseMessage> PostAsync(string body, string key = "", string? session = null, Action<HttpRequestMessage>? edit = null, CancellationToken cancellationToken = default)
    {
        using var request = Request(HttpMethod.Post, key, session);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        edit?.Invoke(request);
        return await Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public static HttpRequestMessage Request(HttpMethod method, string key = "", string? session = null)
    {
        var request = new HttpRequestMessage(method, McpEndpoint.Path);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (key.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (session is not null)
        {
            request.Headers.Add(McpHeaders.SessionId, session);
        }

        return request;
    }

    /// <summary>Opens a session and returns its id.</summary>
    public async Task<string> InitializeAsync(string key = "", string body = Initialize)
    {
        using var response = await PostAsync(body, key);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Header(McpHeaders.SessionId)!;
    }

    /// <summary>The messages of an answer, streamed or whole.</summary>
    public static async Task<IReadOnlyList<JsonElement>> MessagesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.Content.Headers.ContentType?.MediaType == McpHeaders.EventStream
            ? [.. text.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(static line => JsonElement.Parse(line["data: ".Length..]))]
            : text.Length == 0 ? [] : [JsonElement.Parse(text)];
    }

    /// <summary>The names that a key is listed, over all pages.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string key = "")
    {
        var session = await InitializeAsync(key);
        var names = new List<string>();
        string? cursor = null;
        do
        {
            using var response = await PostAsync($$"""{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{{(cursor is null ? "{}" : $$"""{"cursor":"{{cursor}}"}""")}}}""", key, session);
            var result = (await MessagesAsync(response)).Single().GetProperty("result");
            names.AddRange(result.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("name").GetString()!));
            cursor = result.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return names;
    }

    /// <summary>Changes the routes file, and waits until it is taken.</summary>
    public async Task EditRoutesAsync(Func<string, string> edit)
    {
        var monitor = Gateway.Services.GetRequiredService<RouterGateway.Router.Routes.RouteTableMonitor>();
        await File.WriteAllTextAsync(Gateway.RoutesFile, edit(await File.ReadAllTextAsync(Gateway.RoutesFile)));
        Assert.True(await monitor.ReloadAsync(), string.Join("; ", monitor.LastFaults));
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
