using RouterGateway.Router.Classification;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>A bag of words: TF-IDF of words, word pairs and characters within words, with logistic regression.</summary>
public sealed class TfIdfBaseline : IBaseline
{
    /// <summary>Its name on the command line.</summary>
    public const string CommandLineName = "tfidf";

    private const int FewTexts = 1_000; // below this number every n-gram counts
    private const int ShortestOfCharacters = 2;
    private const int LongestOfCharacters = 5;
    private const int MostOfCharacters = 300_000;

    private readonly TfIdf _features;
    private readonly SparseLogisticRegression _model;

    private TfIdfBaseline(TfIdf features, SparseLogisticRegression model, int examples)
    {
        (_features, _model, Examples) = (features, model, examples);
    }

    /// <inheritdoc/>
    public string Name => CommandLineName;

    /// <summary>How many texts it was trained on.</summary>
    public int Examples { get; }

    /// <summary>Trains on labelled prompts, whose labels are routes; the same prompts give the same baseline.</summary>
    /// <param name="table">The routes.</param>
    /// <param name="prompts">The prompts; null: the examples and descriptions of the routes.</param>
    /// <param name="progress">Told the percentage done; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static TfIdfBaseline Train(RouteTable table, IReadOnlyList<LabeledPrompt>? prompts, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        var labels = table.Routes.Select(static (route, i) => (route.Id, i)).ToDictionary(static label => label.Id, static label => label.i, StringComparer.Ordinal);
        (string Text, int Label)[] examples = prompts is null
            ? [.. table.Routes.SelectMany(route => route.Examples.Prepend(route.Description).Distinct().Select(text => (text, labels[route.Id])))]
            : [.. prompts.Where(static prompt => !prompt.IsOutOfScope).Select(prompt => (PromptTextSelector.Select(prompt.Prompt, table.Settings.Text).Text, labels[prompt.RouteId]))];
        var isSmall = examples.Length < FewTexts;
        var features = TfIdf.Fit(
            [.. examples.Select(static example => example.Text)],
            new GramKind(TextGrams.FindWords, isSmall ? 1 : 2),
            new GramKind(static (text, ref grams) => WordGrams.FindCharacters(text, ShortestOfCharacters, LongestOfCharacters, ref grams), isSmall ? 1 : 3, MostOfCharacters));
        cancellationToken.ThrowIfCancellationRequested();
        var vectors = examples.Select(example => (features.Transform(example.Text), example.Label)).ToArray();
        return new TfIdfBaseline(features, SparseLogisticRegression.Fit(vectors, features.Features, labels.Count, progress, cancellationToken), examples.Length);
    }

    /// <inheritdoc/>
    public double[] Classify(string text) => _model.Classify(_features.Transform(text));
}
