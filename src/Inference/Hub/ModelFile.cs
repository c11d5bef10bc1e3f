namespace RouterGateway.Inference.Hub;

/// <summary>A file of a model's folder.</summary>
/// <param name="Path">Relative to the folder.</param>
/// <param name="SizeBytes">Its size.</param>
public sealed record ModelFile(string Path, long SizeBytes);
