using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RouterGateway.Inference.Hub;

/// <summary>Checks a file against what the hub lists.</summary>
internal static class HubFileHash
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Hashes a file; null when there is none.</summary>
    /// <returns>SHA-256 of the content, and whether size and hash are those of the entry.</returns>
    [SuppressMessage("Security", "CA5350", Justification = "Git names blobs by SHA-1; large files have SHA-256")]
    public static async Task<(string Sha256, bool IsRight)?> ComputeIfAsync(string path, HubEntry entry, CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length != entry.SizeBytes)
        {
            return File.Exists(path) ? ("", false) : null;
        }

        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var blob = entry.HasSha256 ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        blob?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var buffer = new byte[BlockBytes];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            sha256.AppendData(buffer, 0, read);
            blob?.AppendData(buffer, 0, read);
        }

        var digest = Convert.ToHexStringLower(sha256.GetHashAndReset());
        return (digest, entry.Hash == (blob is null ? digest : Convert.ToHexStringLower(blob.GetHashAndReset())));
    }
}
