using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>A call of a tool in an earlier answer.</summary>
/// <param name="Id">What its result refers to; empty when the client gave none.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">A JSON object.</param>
internal sealed record ChatToolCall(string Id, string Name, JsonElement Arguments);
