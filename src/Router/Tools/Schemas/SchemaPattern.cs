using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A regular expression of a schema.</summary>
internal sealed class SchemaPattern
{
    private const int LongestPattern = 4096;

    // An automaton of that many states is still made in milliseconds.
    private const int LargestAutomaton = 5000;

    private static readonly TimeSpan _longestMatch = TimeSpan.FromMilliseconds(250);

    private readonly Regex? _regex;

    private readonly long _states;

    private SchemaPattern(string text, Regex? regex, long states) => (Text, _regex, _states) = (text, regex, states);

    /// <summary>Stands in for a pattern that could not be read.</summary>
    public static SchemaPattern Anything { get; } = new("", null, 0);

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether a match can take long, up to a quarter of a second.</summary>
    public bool Backtracks => _regex is { } regex && !regex.Options.HasFlag(RegexOptions.NonBacktracking);

    /// <returns>Whether it can be used; if not, the fault is the end of a sentence about the pattern.</returns>
    public static bool TryCreate(string text, [NotNullWhen(true)] out SchemaPattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        if (text.Length > LongestPattern)
        {
            fault = $"is longer than {LongestPattern} characters; shorten it";
            return false;
        }

        var translator = new PatternTranslator(text);
        if (!translator.TryTranslate(out var translated, out fault))
        {
            return false;
        }

        try
        {
            pattern = new SchemaPattern(text, Create(translated, translator.States <= LargestAutomaton), translator.States);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InsufficientExecutionStackException)
        {
            fault = $"is no regular expression that can be used here ({Explain(e, translated)}); correct it";
            return false;
        }
    }

    /// <summary>How much work a match can be, in steps of <see cref="SchemaCheck"/>: an automaton may be in many states at once.</summary>
    public long Steps(string text) => 1 + (text.Length * (1 + (_states / 16)) / 8);

    /// <exception cref="RegexMatchTimeoutException">It takes too long; only when <see cref="Backtracks"/>.</exception>
    public bool IsMatch(string text) => _regex?.IsMatch(text) ?? true;

    private static Regex Create(string translated, bool isSmall)
    {
        if (isSmall)
        {
            try
            {
                return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            }
            catch (NotSupportedException) // it looks around or refers back
            {
            }
        }

        return new Regex(translated, RegexOptions.CultureInvariant, _longestMatch);
    }

    // The message of .NET begins with the pattern as it was translated, which nobody would know again.
    private static string Explain(Exception e, string translated) => e is RegexParseException
        ? e.Message[(e.Message.IndexOf(translated, StringComparison.Ordinal) is var at and >= 0 ? at + translated.Length : 0)..].TrimStart('\'', ' ').TrimEnd('.')
        : "it is nested too deep";
}
