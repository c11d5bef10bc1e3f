namespace RouterGateway.Inference.Engine;

/// <summary>The native generator failed for one request; others go on.</summary>
internal sealed class GenerationFailedException(string message, Exception innerException) : Exception(message, innerException);
