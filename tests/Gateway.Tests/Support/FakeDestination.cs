using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>A backend on a loopback port whose answer each test writes; it keeps what it was sent.</summary>
internal sealed class FakeDestination : IAsyncDisposable
{
    public const string SmallAnswer = """{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}""";

    private readonly WebApplication _app;

    private FakeDestination(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Path, string Body, IHeaderDictionary Headers)> Requests { get; } = new();

    /// <summary>Completes when the gateway drops a request before its answer ended.</summary>
    public TaskCompletionSource Dropped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<FakeDestination> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var destination = new FakeDestination(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            context.Items[typeof(FakeDestination)] = body;
            destination.Requests.Enqueue((context.Request.Path, body, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            using var dropped = context.RequestAborted.Register(() => destination.Dropped.TrySetResult());
            try
            {
                await answer(context);
            }
            catch (OperationCanceledException)
            {
                // the gateway left
            }
        });
        await app.StartAsync();
        return destination;
    }

    /// <summary>What it was sent in this request.</summary>
    public static string BodyOf(HttpContext context) => (string)context.Items[typeof(FakeDestination)]!;

    public static Task<FakeDestination> StartAnsweringAsync(string json = SmallAnswer, int status = 200) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    });

    /// <summary>Streams the given pieces, each flushed; then ends the stream, or cuts the connection.</summary>
    /// <param name="pieces">Text of the stream.</param>
    /// <param name="cut">Whether the connection is cut at the end.</param>
    /// <param name="afterFirst">Awaited between the first piece and the others, so that the first surely arrived.</param>
    public static Task<FakeDestination> StartStreamingAsync(IEnumerable<string> pieces, bool cut = false, Task? afterFirst = null) => StartAsync(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var piece in pieces)
        {
            await context.Response.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
            await (afterFirst ?? Task.CompletedTask);
        }

        if (cut)
        {
            context.Abort();
        }
    });

    public static string Delta(string content) => $$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"{{content}}"},"finish_reason":null}]}""" + "\n\n";

    public static string RoleDelta => """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n";

    public static string Finish => """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n";

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
