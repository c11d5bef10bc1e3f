namespace RouterGateway.Inference.Hub;

/// <summary>What a pull tells while it runs; it comes from several threads.</summary>
/// <param name="File">The file, or null when <paramref name="Note"/> is about all.</param>
/// <param name="DoneBytes">Bytes of the file that are here.</param>
/// <param name="TotalBytes">Its size.</param>
/// <param name="Note">Something that a person should read, as a sentence without the final stop; usually null.</param>
public readonly record struct PullProgress(string? File, long DoneBytes, long TotalBytes, string? Note = null)
{
    /// <summary>Something that a person should read.</summary>
    public static PullProgress Say(string note) => new(null, 0, 0, note);
}
