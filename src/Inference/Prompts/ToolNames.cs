using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Prompts;

/// <summary>Names of tools.</summary>
internal static partial class ToolNames
{
    /// <summary>What is said of names that are not good.</summary>
    public const string Rule = "1 to 128 letters, digits and '_', '-', '.', ':' or '/'";

    /// <summary>Whether a name can stand in a call.</summary>
    public static bool IsGood(string name) => Good().IsMatch(name);

    [GeneratedRegex("^[A-Za-z0-9_.:/-]{1,128}\\z")]
    private static partial Regex Good();
}
