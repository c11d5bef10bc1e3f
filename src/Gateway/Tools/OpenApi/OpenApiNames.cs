using System.Globalization;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Makes names that models take out of names that people gave; the same document gives the same names.</summary>
internal static class OpenApiNames
{
    /// <summary>The text with <c>_</c> for all that no name may hold, cut to length.</summary>
    public static string Fit(string text, string otherwise)
    {
        var letters = text.Take(ToolDefinition.LongestName).Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_');
        var name = string.Concat(letters);
        return ToolDefinition.IsName(text) ? text : name.Trim('_').Length == 0 ? otherwise : name;
    }

    /// <summary>The name of an operation without one of its own.</summary>
    public static string Of(string method, string path) =>
        Fit($"{method.ToLowerInvariant()}_{string.Join('_', path.Split(['/', '{', '}', '.'], StringSplitOptions.RemoveEmptyEntries))}", "operation").TrimEnd('_');

    /// <summary>The name, with a number at its end when it is taken; takes it.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var number = 2; !taken.Add(unique); number++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"_{number}");
            unique = string.Concat(name.AsSpan(0, Math.Min(name.Length, ToolDefinition.LongestName - suffix.Length)), suffix);
        }

        return unique;
    }
}
