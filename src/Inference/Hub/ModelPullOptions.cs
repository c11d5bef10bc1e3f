using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Hub;

/// <summary>Which model is pulled, from where, and where to.</summary>
public sealed record ModelPullOptions
{
    /// <summary>The hub that is asked unless another is named.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>An alias, or owner/name of a repository.</summary>
    public required string Model { get; init; }

    /// <summary>Branch, tag or commit; "main" by default.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Kind of the weights, as in "q4"; null (default): the best there is for the device.</summary>
    public string? Dtype { get; init; }

    /// <summary>The folder of the repository to take, where several are in the layout of ONNX Runtime GenAI; null (default): the one for the device.</summary>
    public string? Subfolder { get; init; }

    /// <summary>Where the model is to run; by default CUDA when this machine has it, else the CPU.</summary>
    public DevicePreference Device { get; init; } = DevicePreference.Auto;

    /// <summary>The folder that the model's folder is put in; "models" by default.</summary>
    public string ParentFolder { get; init; } = "models";

    /// <summary>Name of the model's folder; null (default): the alias, or the repository's name.</summary>
    public string? Name { get; init; }

    /// <summary>Files that are fetched at a time; 4 by default.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Whether a folder that is there already is replaced.</summary>
    public bool IsForced { get; init; }

    /// <summary>Address of the hub, http or https; <see cref="DefaultEndpoint"/> by default.</summary>
    public string Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>What the hub is shown, and no other host; null (default): nothing.</summary>
    public string? Token { get; init; }

    /// <summary>Longest time without a byte, after which a file is asked for anew; 30 s.</summary>
    internal TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row after which it is given up; 6.</summary>
    internal int MostTries { get; init; } = 6;

    /// <summary>Waits between tries.</summary>
    internal Func<TimeSpan, CancellationToken, Task> DelayAsync { get; init; } = Task.Delay;

    /// <summary>Free bytes of the disk that a folder is on.</summary>
    internal Func<string, long> FreeBytes { get; init; } = static folder => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    /// <summary>Whether CUDA can be used.</summary>
    internal Func<bool> HasCuda { get; init; } = OnnxSession.IsCudaLikely;

    /// <summary>Dates the manifest.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;
}
