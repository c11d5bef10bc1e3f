namespace RouterGateway.Gateway.Tools;

/// <summary>A tool that somebody registered, and how long it stays.</summary>
/// <param name="Tool">The newest version.</param>
/// <param name="LeaseUntil">When it goes unless its owner is heard of.</param>
internal sealed record Registration(RegisteredTool Tool, DateTimeOffset LeaseUntil)
{
    public ToolKey Key => new(Tool.Owner, Tool.Definition.Name);
}
