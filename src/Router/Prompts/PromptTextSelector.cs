using System.Collections.Immutable;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Prompts;

/// <summary>Chooses the text of a prompt that says what is wanted: never an error, whatever the messages hold.</summary>
internal static class PromptTextSelector
{
    /// <summary>Longest text that is looked at, in characters; of a longer one head and tail.</summary>
    public const int LongestText = 65_536;

    // "do it again in Rust": too short to tell by itself, in words
    private const int ShortFollowUpTokens = 12;
    private const int MostContextAsks = 3;
    private const int WindowMessages = 8;

    /// <summary>Chooses and cleans the text.</summary>
    public static PromptText Select(Prompt prompt, TextScope scope)
    {
        var messages = prompt.Messages.IsDefault ? [] : prompt.Messages;
        var isCut = false;
        var last = messages.Length;
        var ask = NextAsk(messages, ref last, ref isCut);
        if (ask.Length == 0)
        {
            return new PromptText("", "", false);
        }

        var text = scope switch
        {
            TextScope.Window => Window(messages, last, ask, ref isCut),
            TextScope.LastTwo => Join(NextAsk(messages, ref last, ref isCut), ask),
            _ => WithContext(messages, last, ask, ref isCut),
        };
        return new PromptText(ask, Cut(text, ref isCut), isCut);
    }

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
    private static string NextAsk(ImmutableArray<PromptMessage> messages, ref int before, ref bool isCut)
    {
        while (--before >= 0)
        {
            if (messages[before].Role == PromptRole.User && Clean(messages[before].Text, ref isCut) is { Length: > 0 } ask)
            {
                return ask;
            }
        }

        return "";
    }

    private static string Window(ImmutableArray<PromptMessage> messages, int askIndex, string ask, ref bool isCut)
    {
        var parts = new Stack<string>([ask]);
        for (var i = askIndex - 1; i >= 0 && parts.Count < WindowMessages; i--)
        {
            if (messages[i].Role is PromptRole.User or PromptRole.Assistant && Clean(messages[i].Text, ref isCut) is { Length: > 0 } text)
            {
                parts.Push(text);
            }
        }

        return string.Join('\n', parts);
    }

    // "Yes", "in Rust": goes back until there is enough to tell by.
    private static string WithContext(ImmutableArray<PromptMessage> messages, int askIndex, string ask, ref bool isCut)
    {
        var text = ask;
        for (var earlier = 0; earlier < MostContextAsks && IsShorterThan(text, ShortFollowUpTokens); earlier++)
        {
            text = Join(NextAsk(messages, ref askIndex, ref isCut), text);
        }

        return text;
    }

    private static string Join(string earlier, string ask) => earlier.Length == 0 ? ask : earlier + "\n" + ask;

    private static string Clean(string? text, ref bool isCut) => Cut(HarnessText.Strip(text ?? ""), ref isCut);

    private static string Cut(string text, ref bool isCut)
    {
        if (text.Length <= LongestText)
        {
            return text;
        }

        isCut = true;
        return HeadAndTail.Cut(text, LongestText);
    }
}
