namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>What a model, or an MCP client, asks of a tool.</summary>
/// <param name="Id">The model's id of the call; unique within a request.</param>
/// <param name="Tool">The version that was offered.</param>
/// <param name="Arguments">JSON as the model wrote it: perhaps none.</param>
internal sealed record ToolCall(string Id, RegisteredTool Tool, string Arguments);
