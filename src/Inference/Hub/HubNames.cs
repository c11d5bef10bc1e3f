using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Hub;

/// <summary>Checks names that become parts of URLs and of paths on this machine.</summary>
internal static partial class HubNames
{
    /// <summary>What the folder of a pull under way ends in.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>What the lock of a pull under way ends in.</summary>
    public const string LockSuffix = ".lock";

    /// <summary>What a folder ends in while another takes its place.</summary>
    public const string ReplacedSuffix = ".replaced";

    private const int MostNameCharacters = 96;
    private const int MostRevisionCharacters = 255;

    /// <summary>Whether it can be the name of a model's folder.</summary>
    public static bool IsModelName(string name) =>
        name.Length <= MostNameCharacters && Name().IsMatch(name) && !name.EndsWith('.')
        && !new[] { PartialSuffix, LockSuffix, ReplacedSuffix }.Any(suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is owner/name.</summary>
    public static bool IsRepository(string repository) => repository.Split('/') is [var owner, var name] && IsModelName(owner) && IsModelName(name);

    /// <summary>Whether it can be a branch, a tag or a commit.</summary>
    public static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= MostRevisionCharacters && IsInside(revision) && !revision.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>Whether a path with forward slashes stays below where it begins.</summary>
    public static bool IsInside(string path) =>
        path.Length > 0 && !path.Contains('\\') && !path.Any(char.IsControl) && path.Split('/').All(static part => part.Length > 0 && part is not ("." or ".."));

    /// <summary>A path as a part of a URL.</summary>
    public static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    private static partial Regex Name();
}
