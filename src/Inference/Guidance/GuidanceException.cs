namespace RouterGateway.Inference.Guidance;

/// <summary>An answer cannot be held to what was asked of it; the message may be shown to the client.</summary>
internal sealed class GuidanceException(string message, Exception? innerException = null) : Exception(message, innerException);
