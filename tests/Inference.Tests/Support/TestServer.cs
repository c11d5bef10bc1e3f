using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A real inference server on a free port of the loopback, with a client.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _run;

    private TestServer(Task<int> run, CancellationTokenSource stop, string address)
    {
        _run = run;
        _stop = stop;
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(100) };
    }

    public HttpClient Client { get; }

    public static async Task<TestServer> StartAsync(
        string model = "sample-coding", int maxSequences = 4, int maxQueue = 64, long? kvPoolBytes = null, string kvCache = "int8", string? folder = null, TimeSpan? queueTimeout = null)
    {
        var output = new LineWriter();
        var errors = new StringWriter();
        var stop = new CancellationTokenSource();
        var run = InferenceServer.RunAsync(
            new InferenceServerOptions
            {
                ModelFolder = folder ?? Repository.Model(model),
                ServedModelName = model,
                ModelAliases = ["an-alias"],
                Urls = "http://127.0.0.1:0",
                Device = DevicePreference.Cpu,
                MaxSequences = maxSequences,
                MaxQueue = maxQueue,
                QueueTimeout = queueTimeout ?? TimeSpan.FromMinutes(2),
                KvPoolBytes = kvPoolBytes,
                KvCache = kvCache,
                LogLevel = LogLevel.Critical,
                DrainTimeout = TimeSpan.FromSeconds(5),
                Output = output,
                ErrorOutput = errors,
            },
            stop.Token);
        if (await Task.WhenAny(output.FirstLine, run) == run)
        {
            throw new InvalidOperationException($"the server ended with {await run}: {errors}");
        }

        var line = await output.FirstLine;
        Assert.StartsWith("listening on http://127.0.0.1:", line, StringComparison.Ordinal);
        return new TestServer(run, stop, line["listening on ".Length..]);
    }

    /// <summary>Sends a chat completion request given as JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string json, CancellationToken cancellationToken = default) =>
        PostToAsync("/v1/chat/completions", json, cancellationToken);

    /// <summary>Sends a request given as JSON.</summary>
    public async Task<HttpResponseMessage> PostToAsync(string path, string json, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Sends a chat completion request that must succeed and reads its whole answer.</summary>
    public Task<JsonElement> CompleteAsync(string json, CancellationToken cancellationToken = default) =>
        AnswerAsync("/v1/chat/completions", json, cancellationToken);

    /// <summary>Sends a request that must succeed and reads its whole answer.</summary>
    public async Task<JsonElement> AnswerAsync(string path, string json, CancellationToken cancellationToken = default)
    {
        using var response = await PostToAsync(path, json, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonElement.Parse(body);
    }

    /// <summary>Sends a request that must be refused and reads its error.</summary>
    public async Task<JsonElement> RefusalAsync(string path, string json, System.Net.HttpStatusCode status, CancellationToken cancellationToken = default)
    {
        using var response = await PostToAsync(path, json, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body).GetProperty("error");
    }

    /// <summary>Sends a streamed request that must succeed and reads the data of all events.</summary>
    public async Task<List<string>> StreamAsync(string json, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync(json, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.EndsWith("\n\n", body, StringComparison.Ordinal);
        return [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static part =>
        {
            Assert.StartsWith("data: ", part, StringComparison.Ordinal);
            return part["data: ".Length..];
        })];
    }

    /// <summary>Reads a sample of /metrics, all its labels aside.</summary>
    public async Task<double> ReadMetricAsync(string name, CancellationToken cancellationToken)
    {
        var text = await Client.GetStringAsync("/metrics", cancellationToken);
        var line = text.Split('\n').First(line => line.StartsWith(name + "{", StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a sample of /metrics has a value.</summary>
    public async Task WaitForMetricAsync(string name, double value, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (await ReadMetricAsync(name, limit.Token) != value)
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        Client.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Stops the server and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        _stop.Dispose();
    }
}
