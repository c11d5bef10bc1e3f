namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>How far a running tool is.</summary>
/// <param name="Done">Grows from call to call.</param>
/// <param name="Total">What <paramref name="Done"/> will be at the end; <c>null</c>: unknown.</param>
/// <param name="Message">For people; may be <c>null</c>.</param>
internal readonly record struct ToolProgress(double Done, double? Total, string? Message);
