using RouterGateway.Router.Tests.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>The index follows the registry.</summary>
public sealed class ToolIndexTests : IDisposable
{
    private readonly FakeEmbedder _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Register_ANewTool_IsFoundAtOnceAndEmbeddedSoon()
    {
        await using var host = await SelectionHost.StartAsync(_model);

        host.Register("me", SelectionHost.Tools());
        var found = await host.SelectAsync("What will the weather be like?", top: 1);
        await host.EmbeddedAsync(6);
        host.Register("me", SelectionHost.Tool("water_plants", "Turns the sprinklers in the garden on."));
        var watered = await host.SelectAsync("water my plants", top: 1);
        await host.EmbeddedAsync(7);

        Assert.Equal(["get_weather"], found);
        Assert.Equal(["water_plants"], watered);
    }

    [Fact]
    public async Task Register_WhatIsKnown_IsNotEmbeddedAgain()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        host.Register("me", SelectionHost.Tools());
        await host.EmbeddedAsync(6);
        var (before, snapshot) = (_model.Texts.Count, host.Index.Current);

        host.Register("me", SelectionHost.Tools());
        host.Register("you", SelectionHost.Tools());
        host.Register("me", SelectionHost.Tool("water_plants", "Turns the sprinklers in the garden on."));
        await host.EmbeddedAsync(7);

        Assert.Equal(["water plants. Turns the sprinklers in the garden on."], _model.Texts.Skip(before).Distinct());
        Assert.NotSame(snapshot, host.Index.Current);
    }

    [Fact]
    public async Task SetServerTools_ToolsThatGo_AreNotFoundAnyMore()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        host.Register("me", SelectionHost.Tools());
        host.Registry.SetServerTools("garden", [SelectionHost.Tool("garden_water_plants", "Turns the sprinklers on.")]);
        var before = await host.SelectAsync("water my plants", top: 1);

        host.Registry.SetServerTools("garden", []);
        var after = await host.SelectAsync("water my plants", top: 10);
        await host.EmbeddedAsync(6);

        Assert.Equal(["garden_water_plants"], before);
        Assert.DoesNotContain("garden_water_plants", after);
    }

    [Fact]
    public async Task Select_ToolsOfOthers_AreFoundWhenTheyAreSharedOnly()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        host.Register("me", SelectionHost.Tool("get_weather", "Weather of a city."));
        host.Register("you", SelectionHost.Tool("get_weather", "Weather of a city, by another.", ToolVisibility.Shared), SelectionHost.Tool("weather_secret", "Weather that only you may see."));

        var mine = await host.SelectAsync("weather", top: 10);
        var yours = await host.SelectAsync("weather", top: 10, owner: "you");
        var nobodys = await host.SelectAsync("weather", top: 10, owner: "nobody");

        Assert.Equal(2, mine.Length);
        Assert.Contains("get_weather", mine);
        Assert.Contains(mine, static name => name.StartsWith("get_weather_", StringComparison.Ordinal));
        Assert.Equal(["get_weather", "weather_secret"], yours.Order(StringComparer.Ordinal));
        Assert.Equal(["get_weather"], nobodys);
    }

    [Fact]
    public async Task Reload_AnotherModel_EmbedsAllAnew()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        host.Register("me", SelectionHost.Tools());
        await host.EmbeddedAsync(6);

        _model.Model = "other";
        var json = await File.ReadAllTextAsync(host.RoutesFile);
        await File.WriteAllTextAsync(host.RoutesFile, json + "\n");
        Assert.True(await host.Monitor.ReloadAsync());

        await Eventually.TrueAsync(() => host.Index.Current.Vectors is { ModelHash: "other", Known: 6 }, "all are embedded by the other model");
        Assert.Equal(["get_weather"], await host.SelectAsync("weather", top: 1));
        Assert.Equal("embedded", host.Outcomes.Last());
    }

    [Fact]
    public async Task Register_WhileTheModelIsBroken_EmbedsWhenItIsWell()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        _model.Become(FakeEmbedder.Mood.Throwing);
        host.Register("me", SelectionHost.Tools());
        var meanwhile = await host.SelectAsync("book a flight", top: 1);

        _model.Become(FakeEmbedder.Mood.Well);

        await host.EmbeddedAsync(6);
        Assert.Equal(["book_flight"], meanwhile);
    }

    [Fact]
    public async Task Register_AHostileSchema_IsIndexed()
    {
        await using var host = await SelectionHost.StartAsync(_model);
        var deep = string.Concat(Enumerable.Repeat("""{"type":"object","properties":{"inner":""", 20)) + "{}" + new string('}', 40);

        host.Register("me", SelectionHost.Tool("deep", "A", parameters: deep), SelectionHost.Tool("odd", "B", parameters: """{"type":"object","properties":{"😀":{"description":"grüße"},"x":true,"y":{"description":"z"}}}"""),
            SelectionHost.Tool("_-_", ""), SelectionHost.Tool("42", ""));
        var found = await host.SelectAsync("grüße", top: 1);

        await host.EmbeddedAsync(4);
        Assert.Equal(["odd"], found);
    }
}
