namespace RouterGateway.Inference.Onnx;

/// <summary>Where a model should run.</summary>
public enum DevicePreference
{
    /// <summary>CUDA when a GPU and its libraries are there, else the CPU.</summary>
    Auto,

    /// <summary>CUDA; loading fails where it is not available.</summary>
    Cuda,

    /// <summary>The CPU, also where a GPU is available.</summary>
    Cpu,
}
