namespace RouterGateway.Router.Redis;

/// <summary>The <see cref="SharedTable"/> as it was after some write, with nothing of the next one.</summary>
/// <param name="Rows">All rows, in no order, also those whose lease has ended and that nobody has removed yet.</param>
public sealed record SharedTableSnapshot(IReadOnlyList<SharedRow> Rows);
