namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>A tool that may fit a prompt.</summary>
/// <param name="Tool">As its caller sees it.</param>
/// <param name="Score">More is better; comparable within one answer only.</param>
internal readonly record struct ScoredTool(RegisteredTool Tool, double Score);
