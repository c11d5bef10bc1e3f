using System.Globalization;
using RouterGateway.Gateway.Errors;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Receipts;

namespace RouterGateway.Gateway.Admin;

/// <summary>Reads which receipts a query asks for; what it does not know is refused, or a misspelt filter would look like one that matched all.</summary>
internal sealed class AdminQuery(IQueryCollection query, DateTimeOffset now)
{
    /// <summary>The first fault; <c>null</c> while there is none.</summary>
    public GatewayFailure? Failure { get; private set; }

    /// <param name="defaultLimit">Receipts when the query says nothing.</param>
    /// <param name="mostLimit">Most that it may ask for.</param>
    /// <param name="others">Parameters that are read besides.</param>
    public ReceiptFilter ReadFilter(int defaultLimit, int mostLimit, params string[] others)
    {
        string[] known = ["route", "outcome", "since", "limit", .. others];
        if (query.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            Refuse(unknown, $"There is no query parameter \"{Shown(unknown)}\"; there is {string.Join(", ", known)}.");
        }

        var outcome = Text("outcome");
        if (outcome is not null && !DecisionOutcomeExtensions.TryParse(outcome, out _))
        {
            Refuse("outcome", $"\"outcome\" is \"{Shown(outcome)}\"; it must be one of {string.Join(", ", Enum.GetValues<DecisionOutcome>().Select(static known => known.ToHeaderValue()))}.");
        }

        DateTimeOffset since = default;
        var written = Text("since");
        if (written is not null && !ReceiptFilter.TryParseSince(written, now, out since))
        {
            Refuse("since", $"\"since\" is \"{Shown(written)}\"; it must be a time such as 2026-11-21T12:00:00Z, or how long ago, such as 90s, 15m or 2h.");
        }

        return new ReceiptFilter
        {
            RouteId = Text("route"),
            Outcome = outcome,
            Since = written is null ? null : since,
            Limit = ReadInteger("limit", defaultLimit, 1, mostLimit),
        };
    }

    public int ReadInteger(string name, int otherwise, int least, int most)
    {
        if (Text(name) is not { } written)
        {
            return otherwise;
        }

        if (int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse(name, $"\"{name}\" is \"{Shown(written)}\"; it must be a number from {least} to {most}.");
        return otherwise;
    }

    private string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            Refuse(name, $"\"{name}\" is there {values.Count} times; give it once.");
        }

        return values is [{ Length: > 0 } value, ..] ? value : null;
    }

    private void Refuse(string name, string message) => Failure ??= new GatewayFailure(GatewayError.InvalidRequest, message, name);

    private static string Shown(string written) => written.Length <= 60 ? written : written[..60] + "...";
}
