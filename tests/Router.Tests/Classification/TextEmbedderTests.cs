using System.Numerics.Tensors;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Embeddings of the shipped classifier, and none of others.</summary>
public sealed class TextEmbedderTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EmbedAsync_TheShippedModel_GivesUnitVectorsOfTheModel()
    {
        ShippedRoutes.SkipWithoutModels();
        using var folder = new RoutesFolder(ShippedRoutes.Text);
        await using var services = await StartAsync(folder);
        var (embedder, table) = (services.GetRequiredService<TextEmbedder>(), services.GetRequiredService<RouteTableMonitor>().Current);

        var weather = await embedder.EmbedAsync(table, "Will it rain in Paris tomorrow?", _patience, Token);
        var again = await embedder.EmbedAsync(table, "Will it rain in Paris tomorrow?", _patience, Token);
        var forecast = await embedder.EmbedAsync(table, "Is rain expected in London tomorrow?", _patience, Token);
        var code = await embedder.EmbedAsync(table, "Write a quicksort in C", _patience, Token);
        var odd = await embedder.EmbedAsync(table, "\ud800\0<eos>" + new string('x', 100_000), _patience, Token);

        Assert.All([weather, again, forecast, code, odd], embedding =>
        {
            Assert.Equal((TextEmbeddingOutcome.Embedded, embedder.ModelHash(table)), (embedding.Outcome, embedding.ModelHash));
            Assert.Equal(1, TensorPrimitives.Norm<float>(embedding.Vector.Span), 1e-4f);
        });
        Assert.Equal(weather.Vector.ToArray(), again.Vector.ToArray());
        Assert.True(TensorPrimitives.Dot(weather.Vector.Span, forecast.Vector.Span) > TensorPrimitives.Dot(weather.Vector.Span, code.Vector.Span));
    }

    [Fact]
    public async Task EmbedAsync_ATableWithoutClassifier_SaysSo()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"models/nano\"", "null", StringComparison.Ordinal));
        await using var services = await StartAsync(folder);
        var (embedder, table) = (services.GetRequiredService<TextEmbedder>(), services.GetRequiredService<RouteTableMonitor>().Current);

        var embedding = await embedder.EmbedAsync(table, "Hello", _patience, Token);

        Assert.Equal((TextEmbeddingOutcome.NoModel, 0, null), (embedding.Outcome, embedding.Vector.Length, embedding.ModelHash));
        Assert.Null(embedder.ModelHash(table));
    }

    private static async Task<ServiceProvider> StartAsync(RoutesFolder folder)
    {
        var services = new ServiceCollection().AddLogging().AddPromptRouter(options => options.RoutesFile = folder.RoutesFile).BuildServiceProvider();
        Assert.True(await services.GetRequiredService<RouteTableMonitor>().ReloadAsync(Token));
        return services;
    }
}
