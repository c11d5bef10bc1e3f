using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>A gateway in this process on a loopback port, with a routes file of its own. No model: rules and pins decide.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;

    private GatewayHost(WebApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public string RoutesFile => Path.Combine(_folder.FullName, "routes.json");

    /// <param name="clusters">The members of <c>clusters</c>.</param>
    /// <param name="routes">The elements of <c>routes</c>; by default one route, <c>general</c>, to cluster <c>main</c>.</param>
    /// <param name="configure">Changes to the options.</param>
    /// <param name="decisions">The members of <c>decisions</c>.</param>
    /// <param name="services">Changes to the services.</param>
    /// <param name="classifier">The classifier's folder; null = none.</param>
    /// <param name="deadline">How long a decision may take.</param>
    public static async Task<GatewayHost> StartAsync(
        string clusters, string? routes = null, Action<GatewayOptions>? configure = null, string decisions = "", Action<IServiceCollection>? services = null, string? classifier = null, string deadline = "250ms")
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tests-");
        var options = new GatewayOptions { RoutesFile = Path.Combine(folder.FullName, "routes.json"), Urls = "http://127.0.0.1:0" };
        configure?.Invoke(options);
        await File.WriteAllTextAsync(options.RoutesFile, RoutesJson(clusters, routes, decisions, classifier, deadline));
        var app = await GatewayApplication.BuildAsync(options, builder =>
        {
            builder.Logging.ClearProviders();
            services?.Invoke(builder.Services);
        });
        await app.StartAsync();
        var host = new GatewayHost(app, folder);
        host.Client.DefaultRequestHeaders.Add("x-admin-key", options.AdminKey is null ? [] : [options.AdminKey]);
        return host;
    }

    public static string RoutesJson(string clusters, string? routes = null, string decisions = "", string? classifier = null, string deadline = "250ms") => $$"""
        {
          "router": { "classifier": {{(classifier is null ? "null" : $"\"{classifier}\"")}}, "defaultRoute": "general", "deadline": "{{deadline}}" },
          "decisions": { {{decisions}} },
          "clusters": { {{clusters}} },
          "routes": [ {{routes ?? Route("general", "main")}} ]
        }
        """;

    public static string Route(string id, string cluster, string more = "") =>
        $$"""{ "id": "{{id}}", "description": "Prompts about {{id}}", "cluster": "{{cluster}}", "examples": ["something about {{id}}"] {{more}} }""";

    /// <summary>A cluster with one destination, known to its backend as <c>{id}-model</c>.</summary>
    public static string Cluster(string id, string address, string more = "") =>
        $$""" "{{id}}": { "model": "{{id}}-model", "destinations": { "{{id}}-0": "{{address}}" } {{more}} } """;

    public static string Chat(string text = "hi", string more = "") =>
        $$"""{"model":"auto","messages":[{"role":"user","content":"{{text}}"}]{{more}}}""";

    public Task<HttpResponseMessage> PostAsync(string body, string path = "/v1/chat/completions", HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead) =>
        PostAsync(Encoding.UTF8.GetBytes(body), path, completion);

    public Task<HttpResponseMessage> PostAsync(byte[] body, string path = "/v1/chat/completions", HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Version = HttpVersion.Version11 }, completion);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
