namespace RouterGateway.Router.Receipts;

/// <summary>The rule that decided, as it is kept.</summary>
/// <param name="Kind">Name of a <see cref="Decisions.RuleKind"/>; text, because a gateway of another version may have others.</param>
/// <param name="Value">The keyword or expression; empty for the other kinds.</param>
public sealed record ReceiptRule(string Kind, string Value);
