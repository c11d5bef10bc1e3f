namespace RouterGateway.Inference.Engine;

/// <summary>A request waited too long for its turn; it may be sent again.</summary>
internal sealed class EngineOverloadedException() : Exception("The request waited too long for its turn.");
