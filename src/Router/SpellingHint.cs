using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router;

/// <summary>Guesses what somebody meant by a name that is not there.</summary>
public static class SpellingHint
{
    /// <summary>Returns <c>; did you mean "x"?</c>, the candidates when they are few, or nothing: to be put behind a message.</summary>
    public static string For(string written, IReadOnlyCollection<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(candidates);
        return Spelling.Hint(written, candidates);
    }
}
