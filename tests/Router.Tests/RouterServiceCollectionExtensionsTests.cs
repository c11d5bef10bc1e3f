using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class RouterServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddPromptRouter_HostStarts_TheRouterDecides()
    {
        using var folder = new RoutesFolder();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddSingleton<IPromptClassifier>(new FixedClassifier(0)).AddPromptRouter(options => options.RoutesFile = folder.RoutesFile);
        using var host = builder.Build();

        await host.StartAsync(TestContext.Current.CancellationToken);
        var decision = await host.Services.GetRequiredService<PromptRouter>().RouteAsync(Prompt.FromText("Write a loop"), TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("coding", decision.Route.Id);
        Assert.False(host.Services.GetRequiredService<SharedTable>().IsConfigured);
        Assert.Same(host.Services.GetRequiredService<RouteTableMonitor>().Current, decision.Table);
    }

    [Fact]
    public async Task AddPromptRouter_BadFile_TheHostDoesNotStart()
    {
        using var folder = new RoutesFolder("{}");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddPromptRouter(options => options.RoutesFile = folder.RoutesFile);
        using var host = builder.Build();

        await Assert.ThrowsAsync<RouteTableException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void RouterOptions_RoutesFile_HasItsDefault() => Assert.Equal("routes.json", new RouterOptions().RoutesFile);
}
