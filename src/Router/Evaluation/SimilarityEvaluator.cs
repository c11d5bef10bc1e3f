using System.Numerics.Tensors;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Evaluation;

/// <summary>Measures how often a similar prompt came before, and how often that one belongs to another route.</summary>
public static class SimilarityEvaluator
{
    /// <summary>Asks about the prompts in their order, each as if all before it had been decided by the scorer, and rightly.</summary>
    /// <param name="router">The router, with a table loaded.</param>
    /// <param name="table">That table.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="similarities">Values of <c>decisions.similarity</c>.</param>
    /// <param name="progress">Told the number of prompts so far; <c>null</c>: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<SimilarityFigures> Evaluate(
        PromptRouter router, RouteTable table, IReadOnlyList<LabeledPrompt> prompts, IReadOnlyList<double> similarities, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompts);
        var before = new List<(string RouteId, ReadOnlyMemory<float> Embedding)>(prompts.Count);
        var nearest = new List<(double Cosine, bool IsRight)>(prompts.Count);
        foreach (var prompt in prompts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (router.EmbeddingOf(table, prompt.Prompt) is { } embedding)
            {
                nearest.Add(Nearest(before, embedding.Span, prompt.RouteId));
                before.Add((prompt.RouteId, embedding));
            }

            progress?.Report(before.Count);
        }

        return [.. similarities.Select(least => new SimilarityFigures(
            least, before.Count, nearest.Count(hit => hit.Cosine >= least), nearest.Count(hit => hit.Cosine >= least && !hit.IsRight)))];
    }

    private static (double Cosine, bool IsRight) Nearest(List<(string RouteId, ReadOnlyMemory<float> Embedding)> before, ReadOnlySpan<float> embedding, string routeId)
    {
        var best = (Cosine: -1.0, IsRight: false);
        foreach (var (otherId, other) in before)
        {
            if (TensorPrimitives.Dot(other.Span, embedding) is var cosine && cosine > best.Cosine)
            {
                best = (cosine, otherId == routeId);
            }
        }

        return best;
    }
}
