namespace RouterGateway.Inference.Hub;

/// <summary>Keeps a model's folder to one process, by a file beside it that is gone with it.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The model's folder; its parent must exist.</param>
    /// <exception cref="HubException">Another process has it, or it cannot be made.</exception>
    public static FolderLock Take(string folder)
    {
        var path = folder + HubNames.LockSuffix;
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new HubException($"\"{folder}\" is being pulled or removed by another process (it holds {path}): wait until it has ended, or end it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"\"{path}\" cannot be written ({e.Message.TrimEnd('.')}): run this as somebody who may write there, or name another folder.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
