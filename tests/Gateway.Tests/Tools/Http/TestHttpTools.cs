using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

/// <summary>A client with settings that a test can change, a resolver that it writes, and a log that it reads. Loopback is open at first.</summary>
internal sealed class TestHttpTools : IDisposable, ILogger
{
    public const string Secret = "s3cr3t/\"value\"-4711";

    private readonly string _secretFile = Path.GetTempFileName();
    private readonly HttpToolClient _client;

    public TestHttpTools(X509ChainPolicy? trust = null)
    {
        File.WriteAllText(_secretFile, Secret);
        Settings = new ToolSettings { Network = new ToolNetwork { Allow = ["127.0.0.1"] } };
        Resolve = _ => [IPAddress.Loopback];
        _client = new HttpToolClient(
            () => Settings,
            this,
            (host, _) =>
            {
                Resolved.Enqueue(host);
                return Task.FromResult(Resolve(host));
            },
            trust);
    }

    public ToolSettings Settings { get; set; }

    public Func<string, IPAddress[]> Resolve { get; set; }

    public ConcurrentQueue<string> Resolved { get; } = new();

    public ConcurrentQueue<string> Logged { get; } = new();

    /// <summary>Lets hosts see the secret <c>key</c>.</summary>
    public void Show(params string[] hosts) => Settings = Settings with
    {
        Secrets = new Dictionary<string, ToolSecret> { ["key"] = new(new ClusterCredentials { SecretFile = _secretFile }, [.. hosts]) }.ToFrozenDictionary(),
    };

    public static HttpTarget Target(string url, string method = "GET", params (string Name, ToolHeader Header)[] headers) => new()
    {
        Url = url,
        Method = method,
        Headers = headers.ToImmutableSortedDictionary(static header => header.Name, static header => header.Header, StringComparer.OrdinalIgnoreCase),
    };

    public Task<ToolResult> CallAsync(string url, string method = "GET", string arguments = "{}") => CallAsync(Target(url, method), arguments);

    public Task<ToolResult> CallAsync(HttpTarget target, string arguments = "{}", CancellationToken cancellationToken = default) => _client.CallAsync(
        target, JsonElement.Parse(arguments).EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value), cancellationToken);

    public Task<ToolResult> CallAsync(HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments) => _client.CallAsync(target, arguments, CancellationToken.None);

    public void Dispose()
    {
        _client.Dispose();
        File.Delete(_secretFile);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logged.Enqueue(formatter(state, exception) + exception);
}
