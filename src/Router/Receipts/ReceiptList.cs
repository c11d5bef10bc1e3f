using System.Collections.Immutable;

namespace RouterGateway.Router.Receipts;

/// <summary>Receipts, newest first, and where they were read.</summary>
/// <param name="Source">This process, or the shared stream.</param>
/// <param name="Receipts">Those that were wanted.</param>
public sealed record ReceiptList(ReceiptSource Source, ImmutableArray<DecisionReceipt> Receipts);
