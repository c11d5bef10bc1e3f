namespace RouterGateway.Gateway.Tools;

/// <summary>A tool that somebody registered, and how long it stays.</summary>
/// <param name="Tool">The newest version.</param>
/// <param name="LeaseUntil">When it goes unless its owner is heard of.</param>
/// <param name="IsShared">Other gateways know this version, as far as there are any.</param>
internal sealed record Registration(RegisteredTool Tool, DateTimeOffset LeaseUntil, bool IsShared = false)
{
    public ToolKey Key => new(Tool.Owner, Tool.Definition.Name);
}
