using System.Collections.Immutable;

namespace RouterGateway.Router.Classification;

/// <summary>What the classifier reads of a text, and what it resembles.</summary>
/// <param name="Text">The characters that were read: all, or head and tail of a long text.</param>
/// <param name="TokensRead">How many tokens of them the model takes.</param>
/// <param name="Nearest">The routes' examples that resemble it most, the nearest first.</param>
public sealed record TextInspection(string Text, int TokensRead, ImmutableArray<NearestExample> Nearest)
{
    /// <summary>The model's embedding of the text, of length 1.</summary>
    public required ReadOnlyMemory<float> Embedding { get; init; }
}
