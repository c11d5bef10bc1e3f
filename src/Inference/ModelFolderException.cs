namespace RouterGateway.Inference;

/// <summary>A model folder cannot be served; the message names the folder and the file and says what to do.</summary>
public sealed class ModelFolderException : Exception
{
    /// <summary>Creates the exception from its parts.</summary>
    /// <param name="folder">The model folder, as the operator wrote it.</param>
    /// <param name="file">The file at fault relative to the folder, or <see langword="null"/> for the folder itself.</param>
    /// <param name="problem">What is wrong and what to do, as a sentence without the final stop.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public ModelFolderException(string folder, string? file, string problem, Exception? innerException = null)
        : base(Compose(folder, file, problem), innerException)
    {
        Folder = folder;
        File = file;
    }

    /// <summary>The model folder, as the operator wrote it.</summary>
    public string Folder { get; }

    /// <summary>The file at fault relative to <see cref="Folder"/>; <see langword="null"/> for the folder itself.</summary>
    public string? File { get; }

    private static string Compose(string folder, string? file, string problem) => file is null
        ? $"Model folder \"{folder}\": {problem}."
        : $"Model folder \"{folder}\", file \"{file}\": {problem}.";
}
