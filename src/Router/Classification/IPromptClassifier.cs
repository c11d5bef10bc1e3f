using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Gives texts the probabilities of routes. An interface because tests must replace the model behind it.</summary>
internal interface IPromptClassifier
{
    /// <summary>Where it runs: <c>cpu</c>, <c>cuda</c>, or <c>none</c> while no table needs a model.</summary>
    string Device { get; }

    /// <summary>How many texts are worth classifying together, 1 or more.</summary>
    int LargestBatch { get; }

    /// <summary>Loads the model of a table and fits its head; the table may be classified for after that.</summary>
    Task PrepareAsync(RouteTable table, CancellationToken cancellationToken);

    /// <summary>Names the model of a prepared table by its files' content; null when it has none.</summary>
    string? ModelHash(RouteTable table) => null;

    /// <summary>Classifies a batch on the calling thread; several threads may call at a time.</summary>
    /// <param name="batch">The texts, each with the prepared table that it is classified for.</param>
    /// <param name="results">Receives one classification for each text, in the same order.</param>
    void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification> results);

    /// <summary>Shows what <see cref="Classify"/> reads of a text, and which examples of the prepared table resemble it; null when it has no vectors.</summary>
    /// <param name="input">The text and the table.</param>
    /// <param name="examples">Most examples to return.</param>
    TextInspection? Inspect(ClassificationInput input, int examples) => null;
}
