using System.Numerics.Tensors;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Embeds texts with the model that classifies prompts, which is loaded once. Thread-safe.</summary>
/// <remarks>Texts take their turn with the prompts, on the threads of the classifier's queue: so a model that is broken, stuck or overloaded is
/// left alone for both, and answers late for neither.</remarks>
public sealed class TextEmbedder
{
    private readonly IPromptClassifier _classifier;
    private readonly ClassificationQueue _queue;
    private readonly TimeProvider _timeProvider;

    internal TextEmbedder(IPromptClassifier classifier, ClassificationQueue queue, TimeProvider timeProvider) =>
        (_classifier, _queue, _timeProvider) = (classifier, queue, timeProvider);

    /// <summary>Names the model of a table by its content: embeddings of equal names can be compared; null when the table has none.</summary>
    public string? ModelHash(RouteTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Settings.ClassifierFolder is null ? null : _classifier.ModelHash(table);
    }

    /// <summary>Embeds a text; of a long one head and tail.</summary>
    /// <param name="table">Whose model is used.</param>
    /// <param name="text">Any text.</param>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<TextEmbedding> EmbedAsync(RouteTable table, string text, TimeSpan atMost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(text);
        if (ModelHash(table) is not { } model)
        {
            return new TextEmbedding(TextEmbeddingOutcome.NoModel);
        }

        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var answer = await _queue.ClassifyAsync(new ClassificationInput(table, text, WantsEmbedding: true), unwanted.Token)
                .WaitAsync(atMost, _timeProvider, cancellationToken);
            return answer is { Outcome: DecisionOutcome.Classified, Classification.Embedding: { Length: > 0 } vector } && TensorPrimitives.IsFiniteAll<float>(vector)
                ? new TextEmbedding(TextEmbeddingOutcome.Embedded, vector, model)
                : new TextEmbedding(Reason(answer?.Outcome));
        }
        catch (TimeoutException)
        {
            await unwanted.CancelAsync(); // it need not be begun any more
            return new TextEmbedding(TextEmbeddingOutcome.Late);
        }
    }

    private static TextEmbeddingOutcome Reason(DecisionOutcome? outcome) => outcome switch
    {
        DecisionOutcome.DefaultTimeout or null => TextEmbeddingOutcome.Late,
        DecisionOutcome.DefaultOverload => TextEmbeddingOutcome.Overload,
        _ => TextEmbeddingOutcome.Error,
    };
}
