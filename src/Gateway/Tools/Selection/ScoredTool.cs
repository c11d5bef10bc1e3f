namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>A tool and how well it fits a text.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Score">The higher the better; comparable within one selection only.</param>
internal readonly record struct ScoredTool(RegisteredTool Tool, double Score);
