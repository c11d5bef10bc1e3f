using ModelContextProtocol.Protocol;

namespace RouterGateway.Gateway.Tools;

/// <summary>What came of a call. Failures are results: the model sees them and can do better.</summary>
/// <param name="Text">What the model reads.</param>
/// <param name="IsError">The call failed; <paramref name="Text"/> says why, in words that a model may act upon and a caller may see.</param>
internal sealed record ToolResult(string Text, bool IsError = false)
{
    /// <summary>The same as an MCP server gave it, when it was more than text; null: text alone.</summary>
    public IReadOnlyList<ContentBlock>? Blocks { get; init; }

    /// <summary>The fault is the tool's and not that of the arguments: it counts against the tool.</summary>
    public bool IsToolFault { get; init; }

    /// <summary>A failure of the tool itself: unreachable, slow, broken.</summary>
    public static ToolResult Broken(string text) => new(text, IsError: true) { IsToolFault = true };
}
