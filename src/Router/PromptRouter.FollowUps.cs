using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

public sealed partial class PromptRouter
{
    // Below this probability of its likeliest route an ask is read again with those before it. Chosen on multiturn.jsonl and on made-up
    // changes of topic: 0.85 and 0.95 gain a point on one and lose it on the other (docs/benchmarks.md).
    private const double ClearByItself = 0.9;

    // Classifies the newest ask, and once more with what was asked before when it is unclear by itself.
    private async ValueTask<(ClassificationAnswer Answer, PromptText Text)> ClassifyAsync(RouteTable table, Prompt prompt, PromptText text, long started, CancellationToken cancellationToken)
    {
        var alone = await _queue.ClassifyAsync(table, text.Text, TimeLeft(table, started), cancellationToken);
        if (alone.Outcome != DecisionOutcome.Classified || text.HasContext || IsClear(alone.Classification.Probabilities))
        {
            return (alone, text);
        }

        if (TimeLeft(table, started) <= TimeSpan.Zero || PromptTextSelector.SelectWithContext(prompt, table.Settings.Text, text) is not { } withContext)
        {
            return (alone, text);
        }

        var both = await _queue.ClassifyAsync(table, withContext.Text, TimeLeft(table, started), cancellationToken);
        return both.Outcome == DecisionOutcome.Classified ? (Add(alone, both), withContext) : (alone, text);
    }

    // What is no probability is left to the policy.
    private static bool IsClear(double[] probabilities) => probabilities.Length == 0 || !(probabilities.Max() < ClearByItself);

    private static ClassificationAnswer Add(in ClassificationAnswer first, in ClassificationAnswer second) => second with
    {
        QueueMs = first.QueueMs + second.QueueMs,
        Classification = second.Classification with
        {
            TokeniseMs = first.Classification.TokeniseMs + second.Classification.TokeniseMs,
            EmbedMs = first.Classification.EmbedMs + second.Classification.EmbedMs,
            HeadMs = first.Classification.HeadMs + second.Classification.HeadMs,
        },
    };
}
