namespace RouterGateway.Inference.Hub;

/// <summary>A file of a repository, as the hub lists it.</summary>
/// <param name="Path">Relative to the repository, with forward slashes; checked to lead nowhere else.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Hash">64 hexadecimal digits: SHA-256 of the content; 40: SHA-1 of the git blob; else there is nothing to check it by.</param>
internal sealed record HubEntry(string Path, long SizeBytes, string Hash)
{
    private const int Sha256Digits = 64;
    private const int Sha1Digits = 40;

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The folder, with a slash behind it; empty for the repository's own.</summary>
    public string Folder => Path[..(Path.LastIndexOf('/') + 1)];

    public bool HasSha256 => Hash.Length == Sha256Digits;

    public bool CanBeChecked => (HasSha256 || Hash.Length == Sha1Digits) && Hash.All(char.IsAsciiHexDigitLower);
}
