using System.Collections.Immutable;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Receipts;

/// <summary>Decides recorded requests again by a routes file that does not run yet.</summary>
/// <remarks>A receipt holds what was looked at, not the conversation: an ask that the candidate finds unclear cannot be read with what was asked before it, unless it was so read at first.</remarks>
public sealed class CandidateReplay : IDisposable
{
    private static readonly string _pinned = DecisionOutcome.Pinned.ToHeaderValue();
    private static readonly string _session = DecisionOutcome.Session.ToHeaderValue();
    private static readonly string[] _undecided = [.. new[] { DecisionOutcome.DefaultTimeout, DecisionOutcome.DefaultError, DecisionOutcome.DefaultOverload }.Select(static outcome => outcome.ToHeaderValue())];

    private readonly SemaphoreSlim _oneAtATime = new(1, 1); // each loads models
    private readonly ReceiptLog _receipts;
    private readonly RouteTableMonitor _routes;

    internal CandidateReplay(ReceiptLog receipts, RouteTableMonitor routes) => (_receipts, _routes) = (receipts, routes);

    /// <summary>Decides again; waits while another candidate is at it.</summary>
    /// <param name="candidate">What would be in the routes file, UTF-8.</param>
    /// <param name="filter">Which receipts, at most how many.</param>
    /// <param name="mostChanges">Most changes to list.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<ReplayResult> RunAsync(byte[] candidate, ReceiptFilter filter, int mostChanges, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var (router, faults) = await CandidateRouter.LoadAsync(_routes.Current.File, candidate, cancellationToken);
            if (router is null)
            {
                return new ReplayResult { Faults = faults };
            }

            await using (router)
            {
                return await DecideAsync(router, await _receipts.ListAsync(filter, cancellationToken), mostChanges, cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Returns a prompt that is looked at as the one of the receipt was.</summary>
    internal static Prompt PromptOf(DecisionReceipt receipt, DecidedText text)
    {
        var hasBefore = text.Text.Length > text.Ask.Length + 1 && text.Text.EndsWith("\n" + text.Ask, StringComparison.Ordinal);
        var ask = new PromptMessage(PromptRole.User, text.Ask);
        return new Prompt
        {
            Messages = hasBefore ? [new PromptMessage(PromptRole.User, text.Text[..^(text.Ask.Length + 1)]), ask] : [ask],
            HasTools = receipt.HasTools,
            HasImages = receipt.HasImages,
        };
    }

    private static async Task<ReplayResult> DecideAsync(CandidateRouter candidate, ReceiptList recorded, int mostChanges, CancellationToken cancellationToken)
    {
        var (replayed, pinned, inSession, undecided, withoutText) = (0, 0, 0, 0, 0);
        var changes = new List<ReplayChange>();
        foreach (var receipt in recorded.Receipts)
        {
            if (receipt.Outcome == _pinned || receipt.RouteId is not { } routeId)
            {
                pinned++;
            }
            else if (receipt.Outcome == _session)
            {
                inSession++;
            }
            else if (_undecided.Contains(receipt.Outcome))
            {
                undecided++; // whatever the candidate decides, it is no change of the routes
            }
            else if (receipt.Text is not { } text)
            {
                withoutText++;
            }
            else
            {
                replayed++;
                var decision = await candidate.Router.RouteAsync(PromptOf(receipt, text), cancellationToken);
                if (decision.Route.Id != routeId)
                {
                    changes.Add(new ReplayChange(
                        receipt.Id,
                        receipt.Time,
                        new ReplayedDecision(routeId, receipt.Outcome, receipt.Confidence),
                        new ReplayedDecision(decision.Route.Id, decision.Outcome.ToHeaderValue(), decision.Confidence)));
                }
            }
        }

        return new ReplayResult
        {
            Version = candidate.Table.Version,
            RoutingHash = candidate.Table.RoutingHash,
            Source = recorded.Source,
            Replayed = replayed,
            Changed = changes.Count,
            Pinned = pinned,
            InSession = inSession,
            Undecided = undecided,
            WithoutText = withoutText,
            Moves = Moves(changes),
            Changes = [.. changes.Take(mostChanges)],
        };
    }

    private static ImmutableArray<ReplayMove> Moves(List<ReplayChange> changes) =>
        [.. changes.CountBy(static change => (From: change.From.RouteId, To: change.To.RouteId))
            .OrderByDescending(static move => move.Value).ThenBy(static move => move.Key.From, StringComparer.Ordinal).ThenBy(static move => move.Key.To, StringComparer.Ordinal)
            .Select(static move => new ReplayMove(move.Key.From, move.Key.To, move.Value))];
}
