using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Tokenization;

/// <summary>A token of tokenizer.json that is matched as a whole before BPE.</summary>
internal sealed partial record AddedToken(int Id, string Content, bool IsSpecial, bool IsNormalized)
{
    private static readonly FrozenSet<string> _htmlTags = FrozenSet.Create(
        "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6",
        "blockquote", "strong", "em", "b", "i", "u", "s", "a", "p", "li", "ul", "ol", "code", "pre", "sub", "sup");

    /// <summary>Whether user text may contain this token: runs of white space and HTML tags, never control tokens.</summary>
    // Gemma vocabularies reach these only as added tokens, so leaving them out of user text would change its ids. It is
    // a list of what is harmless, because some exports forget to mark control tokens as special.
    public bool IsPlainText { get; } = !IsSpecial && IsHarmless(Content);

    private static bool IsHarmless(string content) =>
        content.AsSpan().Trim("\n\r\t ▁").IsEmpty
        || (HtmlTag().Match(content) is { Success: true } match && _htmlTags.Contains(match.Groups[1].Value));

    [GeneratedRegex("^</?([a-z]+[1-6]?)>$")]
    private static partial Regex HtmlTag();
}
