namespace RouterGateway.Router.Tools;

/// <summary>Where a tool runs: <see cref="ClientTarget"/>, <see cref="HttpTarget"/> or <see cref="McpTarget"/>.</summary>
public abstract record ToolTarget
{
    /// <summary>The <c>type</c> in a definition.</summary>
    public abstract string Type { get; }
}
