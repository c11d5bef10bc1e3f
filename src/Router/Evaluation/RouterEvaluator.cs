using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>Asks the router about labelled prompts, one after the other, as a single client would.</summary>
public static class RouterEvaluator
{
    /// <summary>Decides all prompts; pins do not apply.</summary>
    /// <param name="router">The router, with a table loaded.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="byTurn">Whether conversations are asked turn by turn, so that what the router remembers of them counts.</param>
    /// <param name="progress">Told the number of prompts decided so far; <c>null</c>: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<EvaluationReport> EvaluateAsync(
        PromptRouter router, IReadOnlyList<LabeledPrompt> prompts, bool byTurn, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompts);
        var evaluated = new List<EvaluatedPrompt>(prompts.Count);
        foreach (var prompt in prompts)
        {
            evaluated.Add(byTurn
                ? await AskByTurnAsync(router, prompt, cancellationToken)
                : new EvaluatedPrompt(prompt, await router.RouteAsync(prompt.Prompt, cancellationToken)));
            progress?.Report(evaluated.Count);
        }

        return new EvaluationReport(evaluated);
    }

    // As an application does: every turn sends what was said so far.
    private static async Task<EvaluatedPrompt> AskByTurnAsync(PromptRouter router, LabeledPrompt prompt, CancellationToken cancellationToken)
    {
        var turns = new List<Decision>();
        var messages = prompt.Prompt.Messages;
        var name = Guid.NewGuid().ToString();
        for (var i = 0; i < messages.Length; i++)
        {
            if (messages[i].Role == PromptRole.User || i == messages.Length - 1)
            {
                var decision = await router.RouteAsync(prompt.Prompt with { Messages = messages[..(i + 1)], SessionId = name }, cancellationToken);
                router.KeepSession(decision, decision.Route.ClusterId, destinationId: null);
                turns.Add(decision);
            }
        }

        return new EvaluatedPrompt(prompt, turns[^1]) { EarlierTurns = turns[..^1] };
    }

    /// <summary>Writes prompts as other people might have, the same way every time.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="perturbation">What is changed.</param>
    /// <returns>The prompts in their order, and how many of them could be changed.</returns>
    public static (IReadOnlyList<LabeledPrompt> Prompts, int Changed) Perturb(IReadOnlyList<LabeledPrompt> prompts, Perturbation perturbation)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var perturbed = perturbation == Perturbation.Topic
            ? PromptPerturber.AfterAnotherTopic(prompts)
            : [.. prompts.Select(prompt => prompt with { Prompt = PromptPerturber.Apply(perturbation, prompt.Prompt) })];
        return (perturbed, perturbed.Zip(prompts, static (after, before) => !after.Prompt.Messages.SequenceEqual(before.Prompt.Messages)).Count(static changed => changed));
    }
}
