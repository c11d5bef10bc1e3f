using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Classification;

/// <summary>Ten thousand bad prompts through the shipped routes and model.</summary>
public sealed class FuzzedPromptsTests : IDisposable
{
    private const int Prompts = 10_000;
    private const int PromptsAtATime = 3_000;
    private const int PromptsOfASecondRun = 500;

    private readonly RoutesFolder _folder = new(ShippedRoutes.Text);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RouteAsync_TenThousandBadPrompts_AreDecidedTheSameOnEveryThreadAndRun()
    {
        ShippedRoutes.SkipWithoutModels();
        var prompts = FuzzedPrompts.Create(Prompts);
        using var router = await CreateAsync();
        var alone = new Decision[prompts.Length];
        for (var i = 0; i < prompts.Length; i++)
        {
            alone[i] = await router.Router.RouteAsync(Prompt.FromText(prompts[i]), Token);
            AssertSound(alone[i]);
        }

        var together = new Decision[PromptsAtATime];
        await Parallel.ForEachAsync(Enumerable.Range(0, together.Length), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (i, token) =>
            together[i] = await router.Router.RouteAsync(Prompt.FromText(prompts[i]), token));
        using var second = await CreateAsync();
        for (var i = 0; i < together.Length; i++)
        {
            AssertSame(alone[i], together[i]);
            if (i < PromptsOfASecondRun)
            {
                AssertSame(alone[i], await second.Router.RouteAsync(Prompt.FromText(prompts[i]), Token));
            }
        }
    }

    private static void AssertSound(Decision decision)
    {
        Assert.True(decision.Outcome is DecisionOutcome.Classified or DecisionOutcome.DefaultLowConfidence, decision.Outcome.ToString());
        Assert.Same(decision.Table.RoutesById[decision.Route.Id], decision.Route);
        if (decision.Scores.IsEmpty)
        {
            Assert.Equal((decision.Table.DefaultRoute.Id, 0.0), (decision.Route.Id, decision.Confidence)); // nobody said anything
            return;
        }

        Assert.Equal(decision.Table.Routes.Select(static route => route.Id).Order(), decision.Scores.Select(static score => score.RouteId).Order());
        Assert.True(decision.Scores.All(static score => score.Probability is >= 0 and <= 1));
        Assert.Equal(1, decision.Scores.Sum(static score => score.Probability), 9);
    }

    // bit for bit: equal doubles, not nearly equal ones
    private static void AssertSame(Decision expected, Decision actual)
    {
        Assert.Equal((expected.Route.Id, expected.DecidedBy, expected.Confidence, expected.TextTokens, expected.Truncated), (actual.Route.Id, actual.DecidedBy, actual.Confidence, actual.TextTokens, actual.Truncated));
        Assert.True(expected.Scores.SequenceEqual(actual.Scores));
    }

    private Task<TestRouter> CreateAsync() => TestRouter.CreateAsync(_folder.RoutesFile, new GemmaPromptClassifier(NullLogger<GemmaPromptClassifier>.Instance));
}
