using System.Collections.Immutable;
using System.Numerics.Tensors;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>The vectors of all examples and descriptions of a table.</summary>
internal sealed class ExampleIndex
{
    private readonly (string RouteId, string Text, float[] Vector)[] _examples;

    /// <summary>Builds the index.</summary>
    /// <param name="table">Whose routes.</param>
    /// <param name="encode">Turns a text into its vector.</param>
    public ExampleIndex(RouteTable table, Func<string, float[]> encode)
    {
        _examples = [.. table.Routes.SelectMany(route => route.Examples.Prepend(route.Description).Distinct().Select(text => (route.Id, text, encode(text))))];
    }

    /// <summary>Returns the examples nearest to a vector, by text when equally near.</summary>
    public ImmutableArray<NearestExample> Nearest(float[] vector, int count) =>
        [.. _examples
            .Select(example => new NearestExample(example.RouteId, example.Text, Similarity(example.Vector, vector)))
            .OrderByDescending(static example => example.Similarity).ThenBy(static example => example.Text, StringComparer.Ordinal)
            .Take(count)];

    private static double Similarity(float[] a, float[] b)
    {
        var similarity = TensorPrimitives.CosineSimilarity<float>(a, b);
        return float.IsFinite(similarity) ? similarity : 0;
    }
}
