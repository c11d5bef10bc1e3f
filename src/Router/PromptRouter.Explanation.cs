using System.Collections.Immutable;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

public sealed partial class PromptRouter
{
    private const int ExamplesShown = 5;

    /// <summary>Decides as <see cref="RouteAsync"/> does, by calling it, and gathers what led to the decision.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<Explanation> ExplainAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var decision = await RouteAsync(prompt, cancellationToken);
        var table = decision.Table;
        var (text, changes) = TextOf(prompt, decision);
        return new Explanation
        {
            Decision = decision,
            Scope = table.Settings.Text,
            Ask = text.Ask,
            Text = text.Text,
            Changes = [.. changes],
            Rule = decision.Rule,
            HasTools = prompt.HasTools,
            HasImages = prompt.HasImages,
            Inspection = text.Text.Length == 0 || table.Settings.ClassifierFolder is null ? null : TryInspect(new ClassificationInput(table, text.Text)),
            MinConfidence = DecisionReason.MinConfidenceOf(decision),
            Reason = DecisionReason.Of(decision, text.Text.Length > 0),
        };
    }

    /// <summary>Returns the examples of a prepared table that resemble a text most; none when there is no classifier.</summary>
    internal ImmutableArray<NearestExample> NearestExamples(RouteTable table, string text, int count) =>
        table.Settings.ClassifierFolder is null ? [] : _classifier.Inspect(new ClassificationInput(table, text), count)?.Nearest ?? [];

    /// <summary>Returns the classifier's embedding of what is looked at of a prompt; null when there is no classifier or nothing to look at.</summary>
    internal ReadOnlyMemory<float>? EmbeddingOf(RouteTable table, Prompt prompt) =>
        table.Settings.ClassifierFolder is not null && PromptTextSelector.Select(prompt, table.Settings.Text).Text is { Length: > 0 } text
            ? _classifier.Inspect(new ClassificationInput(table, text), 0)?.Embedding
            : null;

    // The text that the decision was made by, and how it came about.
    private static (PromptText Text, List<TextChange> Changes) TextOf(Prompt prompt, Decision decision)
    {
        var (scope, changes) = (decision.Table.Settings.Text, new List<TextChange>());
        var text = PromptTextSelector.Select(prompt, scope, changes);
        return (decision.HasContext && PromptTextSelector.SelectWithContext(prompt, scope, text, changes) is { } withContext ? withContext : text, changes);
    }

    // A classifier that fails has failed the decision already, and that is what is to be explained.
    private TextInspection? TryInspect(ClassificationInput input)
    {
        try
        {
            return _classifier.Inspect(input, ExamplesShown);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return null;
        }
    }
}
