namespace RouterGateway.Router.Receipts;

/// <summary>What is kept of one call of a tool that the gateway ran: nothing of what was said, but hashes.</summary>
/// <param name="Name">Name of the tool.</param>
/// <param name="Version">Version of its definition; 0 when there was no such tool.</param>
/// <param name="ArgumentsHash">Names the arguments as the model wrote them.</param>
/// <param name="ResultHash">Names the result as the model saw it.</param>
/// <param name="IsError">The call failed.</param>
/// <param name="ElapsedMs">How long it took.</param>
public sealed record ToolCallReceipt(string Name, int Version, string ArgumentsHash, string ResultHash, bool IsError, double ElapsedMs);
