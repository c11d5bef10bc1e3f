using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router;

public sealed partial class PromptRouter
{
    // Asks about the newest ask, and once more with what was asked before when it is unclear by itself.
    private async ValueTask<(TextAnswer Answer, TextQuestion Question, PromptText Text)> ClassifyAsync(Prompt prompt, PromptText text, TextQuestion question, CancellationToken cancellationToken)
    {
        var alone = await _texts.ClassifyAsync(question, cancellationToken);
        if (alone.Decision is not { IsClear: false } || text.HasContext ||
            PromptTextSelector.SelectWithContext(prompt, question.Table.Settings.Text, text) is not { } withContext)
        {
            return (alone, question, text);
        }

        var longer = question with { Text = withContext.Text, Digest = Digest.Of(withContext.Text) };
        var both = await _texts.ClassifyAsync(longer, cancellationToken);
        return both.Decision is null ? (alone, question, text) : (Add(alone, both), longer, withContext);
    }

    private static TextAnswer Add(TextAnswer first, TextAnswer second)
    {
        var (before, after) = (first.Seen.Classification, second.Seen.Classification);
        return second with
        {
            CacheMs = first.CacheMs + second.CacheMs,
            Seen = second.Seen with
            {
                QueueMs = first.Seen.QueueMs + second.Seen.QueueMs,
                Classification = after with
                {
                    TokeniseMs = before.TokeniseMs + after.TokeniseMs,
                    EmbedMs = before.EmbedMs + after.EmbedMs,
                    HeadMs = before.HeadMs + after.HeadMs,
                },
            },
        };
    }
}
