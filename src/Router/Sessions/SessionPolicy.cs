using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Sessions;

/// <summary>Whether a conversation stays on its route. Staying keeps the KV prefix of its backend warm.</summary>
internal static class SessionPolicy
{
    /// <summary>True when the person has asked for something since the model spoke last; false within a loop of tool calls, and for a
    /// follow-up too short to ask for another kind of answer.</summary>
    /// <remarks>Letting the short ones stay gains 0.4 points on multiturn.jsonl and loses nothing after a change of topic (docs/benchmarks.md).</remarks>
    public static bool HasNewAsk(Prompt prompt, in PromptText text)
    {
        for (var i = text.AskIndex + 1; text.AskIndex >= 0 && i < prompt.Messages.Length; i++)
        {
            if (prompt.Messages[i].Role is PromptRole.Assistant or PromptRole.Tool)
            {
                return false;
            }
        }

        return text.AskIndex >= 0 && !PromptTextSelector.IsShortFollowUp(text.Ask);
    }

    /// <summary>True for a conversation that only begins here; another that began alike says nothing about it.</summary>
    public static bool Begins(Prompt prompt, SessionKey key) =>
        !key.IsNamed && prompt.Messages.All(static message => message.Role is PromptRole.System or PromptRole.User);

    /// <summary>Leaves a conversation on its route unless the newest ask clearly belongs to another.</summary>
    /// <param name="session">The conversation; its route is one of the table's.</param>
    /// <param name="decision">What was decided for the newest ask by itself.</param>
    public static Decision Apply(Session session, Decision decision)
    {
        if (decision.Route.Id == session.RouteId && (decision.IsSure || session.IsDefault))
        {
            return decision;
        }

        var ofSession = decision.Scores.FirstOrDefault(score => score.RouteId == session.RouteId).Probability;
        var switches = decision.IsSure && (session.IsDefault || decision.Confidence - ofSession >= decision.Table.Decisions.SwitchMargin);
        return switches ? decision : Stay(session, decision, decision.Scores.IsEmpty ? session.Confidence : ofSession);
    }

    /// <summary>Leaves a conversation on its route.</summary>
    public static Decision Stay(Session session, Decision decision, double confidence) =>
        decision with { Route = decision.Table.RoutesById[session.RouteId], Outcome = DecisionOutcome.Session, CachedOutcome = null, Confidence = confidence };
}
