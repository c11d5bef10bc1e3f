using System.Collections.Immutable;

namespace RouterGateway.Router.Tools;

/// <summary>Which tools may be offered, by name: a name with <c>*</c> at its end stands for all that begin so.</summary>
/// <param name="Allow">Only these; empty: all.</param>
/// <param name="Deny">Never these, whatever <paramref name="Allow"/> says.</param>
public sealed record ToolFilter(ImmutableArray<string> Allow, ImmutableArray<string> Deny)
{
    /// <summary>Lets all pass.</summary>
    public static ToolFilter All { get; } = new([], []);

    /// <summary>True when a tool of that name may be offered.</summary>
    public bool Allows(string name) => (Allow.IsEmpty || Matches(Allow, name)) && !Matches(Deny, name);

    private static bool Matches(ImmutableArray<string> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.EndsWith('*') ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1)) : name == pattern)
            {
                return true;
            }
        }

        return false;
    }
}
