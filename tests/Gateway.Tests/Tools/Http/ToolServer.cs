using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RouterGateway.Gateway.Tests.Tools.Http;

/// <summary>An HTTP endpoint on a loopback port whose answer each test writes; keeps what it was sent.</summary>
internal sealed class ToolServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ToolServer(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Line, string Body, Dictionary<string, string> Headers, string ConnectionId)> Requests { get; } = new();

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    public static async Task<ToolServer> StartAsync(Func<HttpContext, Task> answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ToolServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var line = $"{context.Request.Method} {context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget}";
            server.Requests.Enqueue((line, await reader.ReadToEndAsync(), context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), context.Connection.Id));
            try
            {
                await answer(context);
            }
            catch (OperationCanceledException)
            {
                // the client left
            }
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Answers with a text.</summary>
    public static Task<ToolServer> StartAsync(string text, string? contentType = "application/json", int status = 200) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(text);
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
