using System.Collections.Immutable;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Prompts;

/// <summary>Chooses the text of a prompt that says what is wanted: never an error, whatever the messages hold.</summary>
internal static class PromptTextSelector
{
    /// <summary>Longest text that is looked at, in characters; of a longer one head and tail.</summary>
    public const int LongestText = 65_536;

    // so much is searched for files and logs
    private const int LongestPaste = 4 * LongestText;

    // "do it again in Rust": too short to tell by itself. Longer ones take context when the classifier is not sure of them alone
    // (docs/benchmarks.md has the figures).
    private const int ShortFollowUpTokens = 6;
    private const int EnoughTokens = 12;
    private const int UsualContextAsks = 2;
    private const int MostContextAsks = 3; // when those before are short, too
    private const int WindowMessages = 8;

    /// <summary>Chooses and cleans the text.</summary>
    /// <param name="prompt">What was asked.</param>
    /// <param name="scope">How much of the conversation counts.</param>
    /// <param name="changes">Receives what was done to the text; null: nobody wants to know.</param>
    public static PromptText Select(Prompt prompt, TextScope scope, ICollection<TextChange>? changes = null)
    {
        var messages = prompt.Messages.IsDefault ? [] : prompt.Messages;
        var notes = new TextNotes(changes);
        var last = messages.Length;
        var ask = NextAsk(messages, ref last, ref notes);
        var askIndex = last;
        if (ask.Length == 0)
        {
            return new PromptText("", "", IsCut: false, HasContext: false, AskIndex: -1);
        }

        var text = scope switch
        {
            TextScope.Window => Window(messages, last, ask, ref notes),
            TextScope.LastTwo => WithEarlier(NextAsk(messages, ref last, ref notes), ask, ref notes),
            _ when IsShortFollowUp(ask) => WithContext(messages, last, ask, ref notes),
            _ => ask,
        };
        return Create(ask, askIndex, text, ref notes);
    }

    /// <summary>Chooses the newest ask and those before it: for a follow-up that turned out to be unclear by itself.</summary>
    /// <param name="prompt">What was asked.</param>
    /// <param name="scope">How much of the conversation counts.</param>
    /// <param name="alone">What <see cref="Select"/> chose of this prompt.</param>
    /// <param name="changes">Receives what was done to the earlier asks; null: nobody wants to know.</param>
    /// <returns>Null when the scope does not allow it, it has been done already, or nothing was asked before.</returns>
    public static PromptText? SelectWithContext(Prompt prompt, TextScope scope, in PromptText alone, ICollection<TextChange>? changes = null)
    {
        if (scope != TextScope.LastUser || alone.HasContext || alone.AskIndex < 0)
        {
            return null;
        }

        var notes = new TextNotes(changes);
        var text = Create(alone.Ask, alone.AskIndex, WithContext(prompt.Messages, alone.AskIndex, alone.Ask, ref notes), ref notes);
        return text.HasContext ? text with { IsCut = text.IsCut || alone.IsCut } : null;
    }

    /// <summary>True for what says too little by itself to tell a route by.</summary>
    public static bool IsShortFollowUp(string ask) => IsShorterThan(ask, ShortFollowUpTokens);

    /// <summary>Estimates without a tokenizer whether a text is shorter than so many tokens.</summary>
    internal static bool IsShorterThan(string text, int tokens)
    {
        var (count, inWord) = (0, 0);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || (char.IsLetter(c) && c < 0x2E80))
            {
                count += inWord++ % 8 == 0 ? 1 : 0; // long words are several tokens
                continue;
            }

            inWord = 0;
            count += char.IsWhiteSpace(c) || c is '.' or ',' or '?' or '!' or '\'' ? 0 : 1;
            if (count >= tokens)
            {
                return false;
            }
        }

        return count < tokens;
    }

    // Walks back to the next message in which the person, not the harness, says something.
    private static string NextAsk(ImmutableArray<PromptMessage> messages, ref int before, ref TextNotes notes)
    {
        while (--before >= 0)
        {
            if (messages[before].Role == PromptRole.User && Clean(messages[before].Text, ref notes) is { Length: > 0 } ask)
            {
                return ask;
            }
        }

        return "";
    }

    private static string Window(ImmutableArray<PromptMessage> messages, int askIndex, string ask, ref TextNotes notes)
    {
        var parts = new Stack<string>([ask]);
        for (var i = askIndex - 1; i >= 0 && parts.Count < WindowMessages; i--)
        {
            if (messages[i].Role is PromptRole.User or PromptRole.Assistant && Clean(messages[i].Text, ref notes) is { Length: > 0 } text)
            {
                parts.Push(text);
                notes.Add(TextChangeKind.Context, messages[i].Role == PromptRole.User ? "an earlier message of the person" : "an earlier answer", text.Length);
            }
        }

        return string.Join('\n', parts);
    }

    private static PromptText Create(string ask, int askIndex, string text, ref TextNotes notes) =>
        new(ask, Cut(text, LongestText, ref notes), notes.IsCut, HasContext: text.Length > ask.Length, askIndex);

    // "Yes", "in Rust": goes back until there is enough to tell by.
    private static string WithContext(ImmutableArray<PromptMessage> messages, int askIndex, string ask, ref TextNotes notes)
    {
        var text = ask;
        for (var earlier = 0; earlier < UsualContextAsks || (earlier < MostContextAsks && IsShorterThan(text, EnoughTokens)); earlier++)
        {
            text = WithEarlier(NextAsk(messages, ref askIndex, ref notes), text, ref notes);
        }

        return text;
    }

    private static string WithEarlier(string earlier, string ask, ref TextNotes notes)
    {
        if (earlier.Length == 0)
        {
            return ask;
        }

        notes.Add(TextChangeKind.Context, "an earlier message of the person", earlier.Length);
        return earlier + "\n" + ask;
    }

    private static string Clean(string? text, ref TextNotes notes)
    {
        var said = HarnessText.Strip(text ?? "", ref notes);
        return Cut(PastedText.Sample(Cut(said, LongestPaste, ref notes), ref notes), LongestText, ref notes);
    }

    private static string Cut(string text, int longest, ref TextNotes notes)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        notes.Add(TextChangeKind.Cut, "a very long text", text.Length - longest);
        return HeadAndTail.Cut(text, longest);
    }
}
