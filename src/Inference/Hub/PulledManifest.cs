using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouterGateway.Inference.Hub;

/// <summary>What a pull leaves in the model's folder: where it came from, and what it brought.</summary>
/// <param name="Repository">Owner and name on the hub.</param>
/// <param name="Revision">Branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit that it was; null when the hub did not tell.</param>
/// <param name="Dtype">Kind of the weights; null when the repository has one only.</param>
/// <param name="Subfolder">The repository's folder that was taken; empty for the repository itself.</param>
/// <param name="Date">When it was complete.</param>
/// <param name="Files">All files that were fetched.</param>
public sealed record PulledManifest(string Repository, string Revision, string? Commit, string? Dtype, string Subfolder, DateTimeOffset Date, IReadOnlyList<PulledFile> Files)
{
    /// <summary>The file in the model's folder.</summary>
    public const string FileName = ".pulled.json";

    /// <summary>Reads the manifest of a folder; null when it has none that can be read.</summary>
    public static PulledManifest? TryRead(string folder)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), PulledManifestContext.Default.PulledManifest);
            return manifest is { Repository: not null, Revision: not null, Subfolder: not null, Files: not null } && manifest.Files.All(static file => file?.Path is { } path && HubNames.IsInside(path)) ? manifest : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a folder holds all the files, each of its size.</summary>
    public bool IsComplete(string folder) => Files.All(file => new FileInfo(Path.Combine(folder, file.Path)) is { Exists: true } found && found.Length == file.SizeBytes);

    internal void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, PulledManifestContext.Default.PulledManifest));
}

/// <summary>Generated metadata of <see cref="PulledManifest"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PulledManifest))]
internal sealed partial class PulledManifestContext : JsonSerializerContext;
