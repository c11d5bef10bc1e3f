namespace RouterGateway.Gateway.Tools;

/// <summary>What tells registered tools apart.</summary>
/// <param name="Owner">The tenant.</param>
/// <param name="Name">The name in the definition.</param>
internal readonly record struct ToolKey(string Owner, string Name);
