using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>Registry, index and selector without a gateway around them.</summary>
internal sealed class SelectionHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-tests-");
    private readonly MeterListener _listener = new();
    private readonly ServiceProvider _services;

    private SelectionHost(IPromptClassifier? classifier, string? model, string deadline)
    {
        var file = Path.Combine(_folder.FullName, "routes.json");
        File.WriteAllText(file, GatewayHost.RoutesJson(GatewayHost.Cluster("main", "http://127.0.0.1:1"), classifier: model, deadline: deadline));
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "gateway.tools.selections")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, (string)tags[0].Value!));
        _listener.Start();
        var services = new ServiceCollection().AddLogging();
        if (classifier is not null)
        {
            services.AddSingleton(classifier);
        }

        _services = services.AddPromptRouter(options => options.RoutesFile = file).AddTools().BuildServiceProvider();
    }

    public ConcurrentQueue<string> Outcomes { get; } = [];

    public ToolRegistry Registry => _services.GetRequiredService<ToolRegistry>();

    public ToolIndex Index => _services.GetRequiredService<ToolIndex>();

    public ToolHealth Health => _services.GetRequiredService<ToolHealth>();

    public ToolSelector Selector => _services.GetRequiredService<ToolSelector>();

    public RouteTable Table => _services.GetRequiredService<RouteTableMonitor>().Current;

    public RouteTableMonitor Monitor => _services.GetRequiredService<RouteTableMonitor>();

    public string RoutesFile => Path.Combine(_folder.FullName, "routes.json");

    /// <param name="classifier">In place of the model; <c>null</c>: the one that ships.</param>
    /// <param name="hasModel">Whether the routes file names a classifier.</param>
    /// <param name="deadline">How long a decision may take.</param>
    public static async Task<SelectionHost> StartAsync(IPromptClassifier? classifier = null, bool hasModel = true, string deadline = "20s")
    {
        var host = new SelectionHost(classifier, hasModel ? Path.Combine(RepositoryFiles.Root, "models", "router-nano").Replace('\\', '/') : null, deadline);
        Assert.True(await host.Monitor.ReloadAsync());
        await host.Index.StartAsync(CancellationToken.None);
        return host;
    }

    public static ToolDefinition Tool(string name, string description, ToolVisibility visibility = ToolVisibility.Private, string parameters = """{"type":"object","properties":{}}""")
    {
        var (definition, faults) = ToolDefinitionReader.Read(JsonElement.Parse($$"""{"name":"{{name}}","description":"{{description}}","visibility":"{{visibility.ToString().ToLowerInvariant()}}","parameters":{{parameters}}}"""));
        Assert.Empty(faults);
        return definition!;
    }

    /// <summary>Six tools of different kinds.</summary>
    public static ToolDefinition[] Tools() =>
    [
        Tool("get_weather", "Weather forecast of a city for the next days."),
        Tool("book_flight", "Books a flight between two airports."),
        Tool("sendEmail", "Sends a message to somebody's mailbox."),
        Tool("convert_currency", "Converts an amount of money at today's exchange rate."),
        Tool("create_invoice", "Writes a bill for a customer."),
        Tool("play_song", "Plays music by an artist."),
    ];

    public void Register(string owner, params IReadOnlyList<ToolDefinition> tools) => Assert.NotNull(Registry.Register(owner, tools, TimeProvider.System.GetUtcNow()).Registered);

    public async Task<string[]> SelectAsync(string text, int top = 3, string owner = "me", IReadOnlyList<ToolFilter>? filters = null, IReadOnlySet<string>? exclude = null) =>
        [.. (await Selector.SelectAsync(Table, owner, new ToolQuery { Text = text, Top = top, Filters = filters ?? [], Exclude = exclude }, CancellationToken.None)).Select(static scored => scored.Tool.Name)];

    public Task EmbeddedAsync(int tools) => Eventually.TrueAsync(() => Index.Current.Vectors.Known == tools && Index.Current.Words.Documents.Count == tools, $"{tools} tools are embedded");

    private void Note(Instrument instrument, string outcome)
    {
        if (ReferenceEquals(instrument.Meter.Scope, Selector)) // not that of a test beside this one
        {
            Outcomes.Enqueue(outcome);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Index.StopAsync(CancellationToken.None);
        _listener.Dispose();
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
