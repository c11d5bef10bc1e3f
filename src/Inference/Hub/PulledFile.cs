namespace RouterGateway.Inference.Hub;

/// <summary>A file that a pull brought.</summary>
/// <param name="Path">Relative to the model's folder, with forward slashes.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Sha256">Of its content, 64 hexadecimal digits.</param>
public sealed record PulledFile(string Path, long SizeBytes, string Sha256);
