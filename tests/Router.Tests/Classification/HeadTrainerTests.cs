using System.Diagnostics;
using System.Numerics.Tensors;
using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class HeadTrainerTests(ITestOutputHelper output)
{
    [Fact]
    public void Fit_SeparableExamples_FindsTheRoutesOfNewTexts()
    {
        var examples = Clusters(labels: 7, perLabel: 20, dimension: 64, spread: 0.6, seed: 1);
        var fit = HeadTrainer.Fit(examples, new HeadShape(7, 64, 0));
        var unseen = Clusters(labels: 7, perLabel: 50, dimension: 64, spread: 0.6, seed: 2);

        var right = unseen.Count(e => Likeliest(fit.Head, e.Embedding) == e.Label);

        Assert.True(right >= 0.97 * unseen.Count, $"{right} of {unseen.Count}");
        Assert.True(fit.HeldOutAccuracy > 0.95);
    }

    [Fact]
    public void Fit_OverlappingExamples_GivesCalibratedProbabilities()
    {
        var fit = HeadTrainer.Fit(Clusters(labels: 4, perLabel: 60, dimension: 32, spread: 2.2, seed: 3), new HeadShape(4, 32, 0));
        var unseen = Clusters(labels: 4, perLabel: 500, dimension: 32, spread: 2.2, seed: 4);
        Span<double> p = stackalloc double[4];
        var (confidence, right) = (0.0, 0);
        foreach (var example in unseen)
        {
            fit.Head.Probabilities(example.Embedding, SparseVector.Empty, p);
            confidence += TensorPrimitives.Max<double>(p);
            right += TensorPrimitives.IndexOfMax<double>(p) == example.Label ? 1 : 0;
        }

        output.WriteLine($"mean confidence {confidence / unseen.Count:P1}, accuracy {right / (double)unseen.Count:P1}");
        Assert.InRange(confidence / unseen.Count, (right / (double)unseen.Count) - 0.06, (right / (double)unseen.Count) + 0.06);
    }

    [Fact]
    public void Fit_SameExamplesInAnotherOrder_GivesTheSameHead()
    {
        var examples = Clusters(labels: 5, perLabel: 12, dimension: 48, spread: 1, seed: 5);
        var shuffled = examples.ToArray();
        new Random(6).Shuffle(shuffled);
        var probe = Clusters(labels: 5, perLabel: 1, dimension: 48, spread: 1, seed: 7)[0].Embedding;
        var (first, second) = (new double[5], new double[5]);

        HeadTrainer.Fit(examples, new HeadShape(5, 48, 0)).Head.Probabilities(probe, SparseVector.Empty, first);
        HeadTrainer.Fit(shuffled, new HeadShape(5, 48, 0)).Head.Probabilities(probe, SparseVector.Empty, second);

        Assert.Equal(first, second);
    }

    [Fact]
    public void Fit_CounterExample_MakesItsRouteLessLikelyThere()
    {
        var examples = Clusters(labels: 3, perLabel: 8, dimension: 32, spread: 1.2, seed: 8);
        var odd = Mix(examples.First(static e => e.Label == 0).Embedding, examples.First(static e => e.Label == 1).Embedding, spread: 1);
        var near = new HeadExample("odd", odd, SparseVector.Empty, 0, IsCounterExample: true);
        var (without, with) = (new double[3], new double[3]);

        HeadTrainer.Fit(examples, new HeadShape(3, 32, 0)).Head.Probabilities(odd, SparseVector.Empty, without);
        HeadTrainer.Fit([.. examples, near, near with { Text = "odd 2" }], new HeadShape(3, 32, 0)).Head.Probabilities(odd, SparseVector.Empty, with);

        Assert.True(with[0] < without[0], $"{with[0]} < {without[0]}");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void Fit_HardlyAnyExamples_StillGivesProbabilities(int labels, int perLabel)
    {
        var examples = Clusters(labels, perLabel, dimension: 16, spread: 0.5, seed: 9);
        var p = new double[labels];

        HeadTrainer.Fit(examples, new HeadShape(labels, 16, 0)).Head.Probabilities(examples[0].Embedding, SparseVector.Empty, p);

        Assert.Equal(1, p.Sum(), 6);
        Assert.Equal(examples[0].Label, Array.IndexOf(p, p.Max()));
    }

    [Fact]
    public void Fit_EqualEmbeddingsOfTwoRoutes_IsUndecided()
    {
        var same = Clusters(labels: 1, perLabel: 1, dimension: 16, spread: 0, seed: 10)[0].Embedding;
        HeadExample[] examples = [.. Enumerable.Range(0, 12).Select(i => new HeadExample($"e{i}", same, SparseVector.Empty, i % 2, false))];
        var p = new double[2];

        HeadTrainer.Fit(examples, new HeadShape(2, 16, 0)).Head.Probabilities(same, SparseVector.Empty, p);

        Assert.Equal(0.5, p[0], 3);
    }

    [Fact]
    public void Fit_EqualEmbeddingsAndOtherWords_GoesByTheWords()
    {
        var same = Clusters(labels: 1, perLabel: 1, dimension: 16, spread: 0, seed: 12)[0].Embedding;
        HeadExample[] examples = [.. Enumerable.Range(0, 12).Select(i => new HeadExample($"e{i}", same, new SparseVector([i % 2], [0.8f]), i % 2, false))];
        var p = new double[2];

        HeadTrainer.Fit(examples, new HeadShape(2, 16, 2)).Head.Probabilities(same, new SparseVector([1], [0.8f]), p);

        Assert.True(p[1] > 0.8, $"{p[1]}");
    }

    [Fact]
    public void Fit_FiftyRoutesOfAHundredExamples_TellsThemApart()
    {
        var random = new Random(12);
        HeadExample[] examples = [.. Clusters(labels: 50, perLabel: 100, dimension: 256, spread: 1, seed: 11).Select(e => e with { Words = RandomWords(random) })];
        var started = Stopwatch.GetTimestamp();

        var fit = HeadTrainer.Fit(examples, new HeadShape(50, 256, 8_000));

        var elapsed = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{elapsed.TotalMilliseconds:F0} ms, regularisation {fit.Regularisation}, held-out accuracy {fit.HeldOutAccuracy:P1}");
        Assert.InRange(fit.HeldOutAccuracy, 0.9, 1);
    }

    // As many as a sentence has, of as many as a large table has.
    private static SparseVector RandomWords(Random random)
    {
        int[] words = [.. Enumerable.Range(0, 60).Select(_ => random.Next(8_000)).Distinct()];
        return new SparseVector(words, Array.ConvertAll(words, static _ => 0.1f));
    }

    private static int Likeliest(LinearHead head, float[] embedding)
    {
        var p = new double[head.Labels];
        head.Probabilities(embedding, SparseVector.Empty, p);
        return Array.IndexOf(p, p.Max());
    }

    // Labels are fixed directions; an example is its direction and noise as long as spread directions.
    private static List<HeadExample> Clusters(int labels, int perLabel, int dimension, double spread, int seed)
    {
        var (centres, random) = (new Random(1000), new Random(seed));
        var directions = Enumerable.Range(0, labels).Select(_ => Direction(centres, dimension)).ToArray();
        return [.. from label in Enumerable.Range(0, labels)
                   from i in Enumerable.Range(0, perLabel)
                   select new HeadExample($"{label}/{i}/{seed}", Mix(directions[label], Direction(random, dimension), spread), SparseVector.Empty, label, false)];
    }

    private static float[] Direction(Random random, int dimension)
    {
        var direction = Enumerable.Range(0, dimension).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)).ToArray();
        TensorPrimitives.Divide(direction, TensorPrimitives.Norm<float>(direction), direction);
        return direction;
    }

    private static float[] Mix(float[] direction, float[] noise, double spread)
    {
        var mixed = new float[direction.Length];
        TensorPrimitives.MultiplyAdd(noise, (float)spread, direction, mixed);
        TensorPrimitives.Divide(mixed, TensorPrimitives.Norm<float>(mixed), mixed);
        return mixed;
    }
}
