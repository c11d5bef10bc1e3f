using System.Text.Json;
using RouterGateway.Router;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>The tools that a server lists.</summary>
/// <param name="Tools">As the protocol writes them, by their own names; only those that may be offered.</param>
/// <param name="Digest">Names the content, so that a list that did not change costs nothing.</param>
/// <param name="Skipped">What was left out, and why.</param>
internal sealed record McpListing(IReadOnlyDictionary<string, JsonElement> Tools, Digest Digest, IReadOnlyList<(string Tool, string Reason)> Skipped);
