using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>A server over streamable HTTP, of the library's own parts, that tests change, kill and start again while the gateway runs.</summary>
internal sealed class TestMcpServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (StreamableHttpServerTransport Transport, McpServer Server)> _sessions = new();
    private WebApplication? _app;

    /// <summary>Its tools by name; what they do with a call.</summary>
    public ConcurrentDictionary<string, Func<RequestContext<CallToolRequestParams>, CancellationToken, Task<CallToolResult>>> Tools { get; } = new();

    /// <summary>Tools on a page of its list.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>Lists wait for it.</summary>
    public Task ListGate { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<string?> Authorizations { get; } = new();

    public int Lists { get; private set; }

    public int Sessions { get; private set; }

    public string Address { get; private set; } = "http://127.0.0.1:0";

    /// <summary>How the routes file names it.</summary>
    public string Entry(string id, string more = "") => $$"""  "{{id}}": { "url": "{{Address}}/mcp", "timeout": "5s" {{more}} } """;

    public static async Task<TestMcpServer> StartAsync(params string[] tools)
    {
        var server = new TestMcpServer();
        foreach (var tool in tools)
        {
            server.Add(tool, $"{tool} called");
        }

        await server.StartAsync();
        return server;
    }

    public void Add(string tool, string answer) =>
        Tools[tool] = (_, _) => Task.FromResult(new CallToolResult { Content = [new TextContentBlock { Text = answer }] });

    /// <summary>Starts it, on its old address if it had one.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(Address);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>Ends it at once, in the midst of what it does.</summary>
    public async Task KillAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(new CancellationToken(canceled: true)).ContinueWith(static _ => { }, TaskScheduler.Default);
            await app.DisposeAsync();
            _sessions.Clear();
        }
    }

    public async Task TellChangedAsync()
    {
        foreach (var (_, session) in _sessions)
        {
            await session.Server.SendNotificationAsync(NotificationMethods.ToolListChangedNotification);
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Authorizations.Enqueue(context.Request.Headers.Authorization);
        var id = context.Request.Headers["Mcp-Session-Id"].ToString();
        if (context.Request.Method == "GET")
        {
            if (_sessions.TryGetValue(id, out var session))
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.Body.FlushAsync();
                await session.Transport.HandleGetRequestAsync(context.Response.Body, context.RequestAborted);
            }

            return;
        }

        if (context.Request.Method == "POST")
        {
            await PostAsync(context, id);
        }
    }

    private async Task PostAsync(HttpContext context, string id)
    {
        var message = await JsonSerializer.DeserializeAsync<JsonRpcMessage>(context.Request.Body, McpJsonUtilities.DefaultOptions);
        if (message is JsonRpcRequest { Method: RequestMethods.Initialize })
        {
            (id, Sessions) = (Guid.NewGuid().ToString(), Sessions + 1);
            var transport = new StreamableHttpServerTransport { SessionId = id };
            var server = McpServer.Create(transport, CreateOptions());
            _sessions[id] = (transport, server);
            _ = server.RunAsync();
        }

        if (!_sessions.TryGetValue(id, out var session))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.Headers["Mcp-Session-Id"] = id;
        context.Response.ContentType = "text/event-stream";
        if (!await session.Transport.HandlePostRequestAsync(message!, context.Response.Body, context.RequestAborted))
        {
            context.Response.ContentType = null;
            context.Response.StatusCode = 202;
        }
    }

    private McpServerOptions CreateOptions() => new()
    {
        ServerInfo = new Implementation { Name = "test", Version = "1" },
        Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true } },
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = async (request, cancellationToken) =>
            {
                Lists++;
                await ListGate.WaitAsync(cancellationToken);
                var from = int.Parse(request.Params?.Cursor ?? "0", System.Globalization.CultureInfo.InvariantCulture);
                var names = Tools.Keys.Order(StringComparer.Ordinal).ToArray();
                return new ListToolsResult
                {
                    Tools = [.. names.Skip(from).Take(PageSize).Select(static name => new Tool { Name = name, Description = $"Does {name}" })],
                    NextCursor = from + PageSize < names.Length ? $"{from + PageSize}" : null,
                };
            },
            CallToolHandler = async (request, cancellationToken) => Tools.TryGetValue(request.Params!.Name, out var tool)
                ? await tool(request, cancellationToken)
                : throw new McpProtocolException($"Unknown tool: '{request.Params.Name}'", McpErrorCode.InvalidParams),
        },
    };
}
