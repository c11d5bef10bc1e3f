using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Builds the regular expressions of rules so that no text can make them slow.</summary>
internal static class RulePattern
{
    // Only for patterns that need backtracking (look-around, back references).
    private static readonly TimeSpan _longestMatch = TimeSpan.FromMilliseconds(20);

    /// <summary>Builds an expression.</summary>
    public static bool TryCreate(string pattern, [NotNullWhen(true)] out Regex? regex, out string fault)
    {
        (regex, fault) = (null, "");
        try
        {
            regex = Create(pattern);
            return true;
        }
        catch (ArgumentException invalid)
        {
            fault = invalid.Message;
            return false;
        }
    }

    private static Regex Create(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, _longestMatch);
        }
    }
}
