using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference;

/// <summary>Serves one model folder as an OpenAI-compatible HTTP server.</summary>
public static partial class InferenceServer
{
    private const int ExitOk = 0;
    private const int ExitCannotListen = 1;
    private const int ExitBadModelOrOptions = 2;

    /// <summary>Runs the server until it is told to stop, by signal, by the token, or by the end of its standard input.</summary>
    /// <remarks>
    /// When the model is loaded and warm and the port is bound, and not before, one line "listening on http://host:port"
    /// goes to standard output, and nothing else ever does; logs go to standard error.
    /// </remarks>
    /// <returns>0 after a normal end, 1 when it cannot listen, 2 for a bad model folder or bad options.</returns>
    public static async Task<int> RunAsync(InferenceServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = options.ErrorOutput ?? Console.Error;
        if (options.Validate() is { Count: > 0 } faults)
        {
            await errors.WriteLineAsync($"inference: {string.Join("; ", faults)}.");
            return ExitBadModelOrOptions;
        }

        var metrics = new InferenceMetrics();
        await using var app = Build(options, metrics, out var state);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(InferenceServer));
        try
        {
            await app.StartAsync(cancellationToken); // first, so that /healthz answers while the model loads
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await errors.WriteLineAsync($"inference: cannot listen on {options.Urls}: {e.Message}");
            return ExitCannotListen;
        }
        catch (OperationCanceledException)
        {
            return ExitOk;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
        if (options.ExitWithParent)
        {
            StopWithInput(options.Input ?? Console.OpenStandardInput(), app.Lifetime, logger);
        }

        var exitCode = ExitOk;
        IServing? serving = null;
        try
        {
            serving = await IServing.LoadAsync(options, metrics, logger, stop.Token);
            state.SetReady(serving);
            await AnnounceAsync(app, options, serving, logger);
            await app.WaitForShutdownAsync(cancellationToken);
        }
        catch (Exception e) when (e is ModelFolderException or DeviceUnavailableException)
        {
            await errors.WriteLineAsync($"inference: {e.Message}");
            exitCode = ExitBadModelOrOptions;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // told to stop while the model was loading
        }

        await app.StopAsync(CancellationToken.None);
        if (serving is not null)
        {
            await serving.DisposeAsync();
        }

        return exitCode;
    }

    // An empty builder: the settings of the process that started us (ASPNETCORE_URLS, appsettings.json) are not ours.
    private static WebApplication Build(InferenceServerOptions options, InferenceMetrics metrics, out ServerState state)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "RouterGateway.Inference" });
        builder.WebHost.UseKestrelCore().UseUrls(options.Urls.Split(';')).ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // RequestBody counts, to answer in OpenAI's shape
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.Logging.SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", (LogLevel)Math.Max((int)options.LogLevel, (int)LogLevel.Warning))
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None) // a port in use is told in one line
            .AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        var app = builder.Build();
        state = new ServerState(options, app.Lifetime.ApplicationStopping);
        Map(app, state, metrics, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ChatCompletionsEndpoint>());
        return app;
    }

    private static void Map(WebApplication app, ServerState state, InferenceMetrics metrics, ILogger logger)
    {
        app.UseRouting();
        var edge = new RequestEdge(state, metrics, app.Services.GetRequiredService<ILogger<RequestEdge>>());
        var embeddings = new EmbeddingsEndpoint(state, metrics, app.Services.GetRequiredService<ILogger<EmbeddingsEndpoint>>());
        app.MapPost("/v1/chat/completions", edge.Guard<ServingModel>(new ChatCompletionsEndpoint(state, metrics, logger).HandleAsync));
        app.MapPost(EmbeddingsEndpoint.Path, edge.Serve<ServingEmbedding>(embeddings.HandleAsync));
        app.MapPost("/tokenize", edge.Serve<IServing>(new TokenizeEndpoint(state).HandleAsync));
        app.MapPost("/detokenize", edge.Serve<IServing>(new DetokenizeEndpoint(state).HandleAsync));
        app.MapGet("/v1/models", new ModelsEndpoint(state, state.Options.TimeProvider.GetUtcNow().ToUnixTimeSeconds()).HandleAsync);
        app.MapGet("/healthz", HealthEndpoints.HandleHealthAsync);
        app.MapGet("/readyz", new HealthEndpoints(state).HandleReadyAsync);
        app.MapGet("/metrics", new MetricsEndpoint(state, metrics).HandleAsync);
        app.MapFallback("{**path}", RefuseAsync);
        app.UseEndpoints(static _ => { });
    }

    private static Task RefuseAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        var isKnown = path is "/v1/chat/completions" or EmbeddingsEndpoint.Path or "/tokenize" or "/detokenize" or "/v1/models" or "/healthz" or "/readyz" or "/metrics";
        return OpenAIErrorWriter.WriteAsync(
            context.Response, isKnown ? OpenAIError.WrongMethod(method, path) : OpenAIError.UnknownPath($"{method} {path}"), context.RequestAborted);
    }

    private static async Task AnnounceAsync(WebApplication app, InferenceServerOptions options, IServing loaded, ILogger logger)
    {
        if (loaded is ServingModel serving)
        {
            var (kvCache, poolBytes) = (serving.Model.KvCache, serving.Budget.PoolBytes);
            var precision = HealthEndpoints.Name(kvCache.Precision);
            var sequences = poolBytes / (kvCache.BytesPerToken * serving.Model.Config.ContextTokens);
            LogServing(logger, options.EffectiveModelName, serving.Model.Device, precision, kvCache.BytesPerToken, poolBytes, sequences);
        }
        else if (loaded is ServingEmbedding { Model: var model })
        {
            LogServingEmbedding(logger, options.EffectiveModelName, model.Device, model.Dimension, model.MaxTokens);
        }

        var output = options.Output ?? Console.Out;
        await output.WriteLineAsync($"listening on {string.Join(';', app.Urls)}");
        await output.FlushAsync();
    }

    // A blocking read cannot be cancelled, so it has a thread of its own, which dies with the process.
    private static void StopWithInput(Stream input, IHostApplicationLifetime lifetime, ILogger logger)
    {
        var thread = new Thread(() =>
        {
            Span<byte> buffer = stackalloc byte[256];
            using (input)
            {
                while (input.Read(buffer) > 0)
                {
                }
            }

            LogParentGone(logger);
            lifetime.StopApplication();
        })
        {
            IsBackground = true,
            Name = "standard input",
        };
        thread.Start();
    }

    [LoggerMessage(EventId = 3030, Level = LogLevel.Information, Message = "Serving {Model} on {Device}; KV cache {Precision}: {BytesPerToken} bytes per token, pool of {PoolBytes} bytes, {Sequences} sequences of full length")]
    private static partial void LogServing(ILogger logger, string model, string device, string precision, long bytesPerToken, long poolBytes, long sequences);

    [LoggerMessage(EventId = 3062, Level = LogLevel.Information, Message = "Serving {Model} on {Device}: embeddings of {Dimension} values, inputs of up to {ContextTokens} tokens")]
    private static partial void LogServingEmbedding(ILogger logger, string model, string device, int dimension, int contextTokens);

    [LoggerMessage(EventId = 3032, Level = LogLevel.Information, Message = "Standard input has ended, and so does this server")]
    private static partial void LogParentGone(ILogger logger);
}
