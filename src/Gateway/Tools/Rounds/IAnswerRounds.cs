namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Makes one answer out of the answers of several rounds: <see cref="StreamedRounds"/> or <see cref="WholeRounds"/>.</summary>
internal interface IAnswerRounds
{
    /// <summary>Where the backend's answer of the next round is written to.</summary>
    Stream BeginRound();

    /// <summary>What the model answered in this round.</summary>
    /// <param name="answer">The head of the backend's answer.</param>
    /// <param name="cancellationToken">The caller left.</param>
    /// <returns><c>null</c> when the backend's answer is nothing that can be passed on.</returns>
    ValueTask<RoundAnswer?> EndRoundAsync(HttpResponse answer, CancellationToken cancellationToken);

    /// <summary>Tells the caller what the gateway does with a tool, if there is a way to.</summary>
    /// <param name="what">started, running, finished or failed.</param>
    /// <param name="call">Which call.</param>
    /// <param name="cancellationToken">The caller left.</param>
    Task NoteAsync(string what, RequestedCall call, CancellationToken cancellationToken);

    /// <summary>Ends the answer with what the last round brought. Usage is that of all rounds.</summary>
    /// <param name="outOfRounds">The model wants more tools than it is given rounds; the answer ends as one that is too long.</param>
    /// <param name="cancellationToken">The caller left.</param>
    Task FinishAsync(bool outOfRounds, CancellationToken cancellationToken);
}
