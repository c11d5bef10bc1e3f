using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Tests.Engine;

public sealed class TokenSamplerTests
{
    private static readonly float[] _logits = [1, 3, 2, -1, 2.5f, 0];

    [Fact]
    public void Choose_Greedy_TakesTheLikeliest() => Assert.Equal(1, Choose(new SamplingOptions(0, 1, 0, null)));

    [Theory]
    [InlineData(0.7, 1.0, 0)]
    [InlineData(1.0, 0.8, 0)]
    [InlineData(1.3, 1.0, 3)]
    [InlineData(0.9, 0.6, 4)]
    [InlineData(1.0, 1.0, 0)]
    public void Choose_Drawn_ComesAsOftenAsItsProbabilitySays(double temperature, double topP, int topK)
    {
        const int Draws = 40_000;
        var sampler = new TokenSampler(new SamplingOptions(temperature, topP, topK, Seed: 5), null);
        var counts = new int[_logits.Length];

        for (var i = 0; i < Draws; i++)
        {
            counts[sampler.Choose([.. _logits]).Id]++;
        }

        var expected = Probabilities(temperature, topP, topK);
        for (var i = 0; i < counts.Length; i++)
        {
            Assert.InRange((double)counts[i] / Draws, expected[i] - 0.01, expected[i] + 0.01);
            Assert.True(expected[i] > 0 || counts[i] == 0, $"token {i} is outside");
        }
    }

    [Fact]
    public void Choose_ASeed_GivesTheSameTokensAgain()
    {
        int[] Draw(int seed)
        {
            var sampler = new TokenSampler(new SamplingOptions(1, 0.95, 0, seed), null);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Choose([.. _logits]).Id)];
        }

        Assert.Equal(Draw(42), Draw(42));
        Assert.NotEqual(Draw(42), Draw(43));
    }

    [Fact]
    public void Choose_Penalties_TakeFromWhatWasGenerated()
    {
        var presence = new TokenSampler(new SamplingOptions(0, 1, 0, null, PresencePenalty: 0.6), null);
        var frequency = new TokenSampler(new SamplingOptions(0, 1, 0, null, FrequencyPenalty: 0.3), null);

        // 3 falls to 2.4 at once, below 2.5; or to 2.7 and then to 2.4
        Assert.Equal([1, 4, 1], Enumerable.Range(0, 3).Select(_ => presence.Choose([.. _logits]).Id));
        Assert.Equal([1, 1, 4, 1], Enumerable.Range(0, 4).Select(_ => frequency.Choose([.. _logits]).Id));
    }

    [Fact]
    public void Choose_AskedHowLikely_TellsSoOfTheRawLogits()
    {
        var sampler = new TokenSampler(new SamplingOptions(0.5, 1, 1, null, PresencePenalty: 2), 2);
        var logSum = Math.Log(_logits.Sum(static logit => Math.Exp(logit)));

        sampler.Choose([.. _logits]);
        var second = sampler.Choose([.. _logits]); // the first is penalised, its probability is told unpenalised

        Assert.Equal(4, second.Id);
        Assert.Equal(2.5 - logSum, second.LogProbability, 4);
        Assert.Equal([1, 4], second.Likeliest.Select(static token => token.Id));
        Assert.Equal(3 - logSum, second.Likeliest[0].LogProbability, 4);
    }

    [Theory]
    [InlineData(1e-50)]
    [InlineData(1e-6)]
    public void Choose_ATemperatureNearZero_TakesTheLikeliest(double temperature) => Assert.Equal(1, Choose(new SamplingOptions(temperature, 1, 0, null)));

    [Fact]
    public void Choose_ANucleusOfALongFlatTail_IsOfAllTheProbability()
    {
        var logits = new float[10_000]; // one token of half the probability, and the rest of it in equal parts
        logits[7] = MathF.Log(logits.Length - 1);
        var sampler = new TokenSampler(new SamplingOptions(1, 0.9, 0, Seed: 3), null);

        var likeliest = Enumerable.Range(0, 4_000).Count(_ => sampler.Choose([.. logits]).Id == 7) / 4_000.0;

        Assert.InRange(likeliest, (0.5 / 0.9) - 0.03, (0.5 / 0.9) + 0.03);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Choose_LogitsThatAreNoNumbers_Fails(float logit) =>
        Assert.Throws<InvalidDataException>(() => new TokenSampler(new SamplingOptions(1, 1, 0, null), null).Choose([1, logit, 2]));

    private static int Choose(SamplingOptions options) => new TokenSampler(options, null).Choose([.. _logits]).Id;

    private static double[] Probabilities(double temperature, double topP, int topK)
    {
        var weights = _logits.Select(logit => Math.Exp(logit / temperature)).ToArray();
        var kept = new HashSet<int>();
        var order = Enumerable.Range(0, weights.Length).OrderByDescending(i => weights[i]).Take(topK == 0 ? weights.Length : topK).ToArray();
        var (total, sum) = (order.Sum(i => weights[i]), 0.0);
        foreach (var i in order)
        {
            if (sum < topP * total)
            {
                kept.Add(i);
                sum += weights[i];
            }
        }

        return [.. weights.Select((weight, i) => kept.Contains(i) ? weight / sum : 0)];
    }
}
