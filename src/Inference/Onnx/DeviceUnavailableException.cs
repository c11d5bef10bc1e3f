namespace RouterGateway.Inference.Onnx;

/// <summary>A device was demanded that this machine does not have, or whose libraries are missing.</summary>
public sealed class DeviceUnavailableException(string message) : Exception(message);
