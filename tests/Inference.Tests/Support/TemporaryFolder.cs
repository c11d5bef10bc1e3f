using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("inference-tests-").FullName;

    /// <summary>A copy of a shipped model's files that a test may damage.</summary>
    public static TemporaryFolder CopyOf(string model)
    {
        var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Repository.Model(model)).Where(static file => !file.EndsWith(KvCalibration.FileName, StringComparison.Ordinal))) // which a run on this machine may have left
        {
            System.IO.File.Copy(file, folder.File(System.IO.Path.GetFileName(file)));
        }

        return folder;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
