namespace RouterGateway.Inference.Answers;

/// <summary>A complete call.</summary>
/// <param name="Id">What its result refers to.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">A JSON object.</param>
internal sealed record CollectedCall(string Id, string Name, string Arguments);
