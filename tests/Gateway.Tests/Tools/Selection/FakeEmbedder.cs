using System.Collections.Concurrent;
using System.Numerics.Tensors;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>Embeds texts as the words they have; or is stuck, broken or poisoned, as it is told.</summary>
internal sealed class FakeEmbedder : IPromptClassifier, IDisposable
{
    private const int Dimension = 64;

    private readonly ManualResetEventSlim _free = new(initialState: true);
    private volatile Mood _mood;

    public enum Mood
    {
        Well,
        Stuck,
        Throwing,
        Poisoned,
    }

    public string Device => "cpu";

    public int LargestBatch => 1;

    /// <summary>What was embedded, in order.</summary>
    public ConcurrentQueue<string> Texts { get; } = [];

    public string Model { get; set; } = "fake";

    public void Become(Mood mood)
    {
        _mood = mood;
        if (mood == Mood.Stuck)
        {
            _free.Reset();
        }
        else
        {
            _free.Set();
        }
    }

    public void Dispose()
    {
        _free.Set();
        _free.Dispose();
    }

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public string? ModelHash(RouteTable table) => Model;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification> results)
    {
        _free.Wait();
        if (_mood == Mood.Throwing)
        {
            throw new InvalidOperationException("the session is broken");
        }

        for (var i = 0; i < batch.Length; i++)
        {
            Texts.Enqueue(batch[i].Text);
            results[i] = new Classification([.. batch[i].Table.Routes.Select(static (_, route) => route == 0 ? 1.0 : 0.0)], 3, false, 0, 0, 0, batch[i].WantsEmbedding ? Embed(batch[i].Text) : null);
        }
    }

    private float[] Embed(string text)
    {
        var words = new List<ulong>();
        ToolTerms.AddStems(text, words);
        var vector = new float[Dimension];
        vector[0] = _mood == Mood.Poisoned ? float.NaN : 1;
        words.ForEach(word => vector[word % Dimension]++);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
