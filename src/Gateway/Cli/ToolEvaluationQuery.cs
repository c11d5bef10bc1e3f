namespace RouterGateway.Gateway.Cli;

/// <summary>A prompt whose right tools are known.</summary>
/// <param name="Set">The set that it belongs to; empty: none is named.</param>
/// <param name="Text">The prompt.</param>
/// <param name="Tools">Names of the right tools, at least one.</param>
internal sealed record ToolEvaluationQuery(string Set, string Text, IReadOnlyList<string> Tools);
