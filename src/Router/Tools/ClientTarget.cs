namespace RouterGateway.Router.Tools;

/// <summary>The caller runs the tool itself; the gateway only offers it to models.</summary>
public sealed record ClientTarget : ToolTarget
{
    /// <summary>The only one there is.</summary>
    public static ClientTarget Instance { get; } = new();

    /// <inheritdoc/>
    public override string Type => "client";
}
