using System.Text.RegularExpressions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>Keywords, patterns and properties that send a prompt to a route.</summary>
internal static class DecisionRules
{
    /// <summary>Returns the first route of the file one of whose rules matches; null when none does.</summary>
    /// <param name="table">The routes.</param>
    /// <param name="prompt">What was asked.</param>
    /// <param name="ask">The newest ask of the person in it.</param>
    public static RuleMatch? Match(RouteTable table, Prompt prompt, string ask)
    {
        foreach (var route in table.Routes)
        {
            if (route.Rules.HasImages && prompt.HasImages)
            {
                return new RuleMatch(route, RuleKind.HasImages, "");
            }

            if (route.Rules.HasTools && prompt.HasTools)
            {
                return new RuleMatch(route, RuleKind.HasTools, "");
            }

            foreach (var keyword in route.Rules.Keywords)
            {
                if (ContainsWhole(ask, keyword))
                {
                    return new RuleMatch(route, RuleKind.Keyword, keyword);
                }
            }

            foreach (var pattern in route.Rules.Patterns)
            {
                if (IsMatch(pattern, ask))
                {
                    return new RuleMatch(route, RuleKind.Regex, pattern.ToString());
                }
            }
        }

        return null;
    }

    // "sql" is in "SQL query" and not in "mysqladmin"; a keyword in a script without spaces is found anywhere.
    private static bool ContainsWhole(string ask, string keyword)
    {
        for (var at = 0; (at = ask.IndexOf(keyword, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + keyword.Length;
            if (!(at > 0 && AreOneWord(ask[at - 1], ask[at])) && !(end < ask.Length && AreOneWord(ask[end - 1], ask[end])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreOneWord(char left, char right) => IsWordPart(left) && IsWordPart(right);

    private static bool IsWordPart(char c) => c == '_' || (char.IsLetterOrDigit(c) && c < '\u2E80');

    private static bool IsMatch(Regex pattern, string ask)
    {
        try
        {
            return pattern.IsMatch(ask);
        }
        catch (RegexMatchTimeoutException)
        {
            return false; // a pattern that cannot decide in time has not matched
        }
    }
}
