using System.Globalization;
using System.Text;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>Writes prompts differently; the same prompt always in the same way.</summary>
internal static class PromptPerturber
{
    private const int WordsPerTypo = 12;
    private const int ShortestWord = 4; // characters; a typo in "is" makes another word

    private static readonly string[] _keyboard = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <summary>Changes all that the person wrote; what has nothing to change stays the same.</summary>
    public static Prompt Apply(Perturbation perturbation, Prompt prompt) => prompt with
    {
        Messages = [.. prompt.Messages.Select(message => message.Role == PromptRole.User ? message with { Text = Apply(perturbation, message.Text) } : message)],
    };

    /// <summary>Puts a prompt of another label before every prompt; one for which there is none stays the same.</summary>
    public static IReadOnlyList<LabeledPrompt> AfterAnotherTopic(IReadOnlyList<LabeledPrompt> prompts)
    {
        var random = new Random(prompts.Count);
        return [.. prompts.Select(prompt =>
        {
            var start = random.Next(prompts.Count);
            var earlier = Enumerable.Range(start, prompts.Count).Select(i => prompts[i % prompts.Count]).FirstOrDefault(other => other.RouteId != prompt.RouteId);
            return earlier is null ? prompt : prompt with { Prompt = prompt.Prompt with { Messages = [.. earlier.Prompt.Messages, new PromptMessage(PromptRole.Assistant, ""), .. prompt.Prompt.Messages] } };
        })];
    }

    /// <summary>Changes a text.</summary>
    public static string Apply(Perturbation perturbation, string text) => perturbation switch
    {
        Perturbation.Typos => Mistype(text, new Random(Seed(text))),
        Perturbation.Casing => (Seed(text) % 3) switch
        {
            0 => text.ToLowerInvariant(),
            1 => text.ToUpperInvariant(),
            _ => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.ToLowerInvariant()),
        },
        Perturbation.Punctuation => WithoutFinalPunctuation(text),
        _ => throw new ArgumentOutOfRangeException(nameof(perturbation), perturbation, "Not a change of a text."),
    };

    private static string WithoutFinalPunctuation(string text)
    {
        var end = text.Length;
        while (end > 0 && (char.IsWhiteSpace(text[end - 1]) || text[end - 1] is '.' or '?' or '!' or ',' or ';' or ':' or '…' or '。' or '？' or '！' or '؟' or '।'))
        {
            end--;
        }

        return end == 0 ? text : text[..end];
    }

    private static string Mistype(string text, Random random)
    {
        var words = Words(text);
        if (words.Count == 0)
        {
            return text;
        }

        var typed = new StringBuilder(text.Length + 8);
        var (copied, certain) = (0, random.Next(words.Count));
        for (var i = 0; i < words.Count; i++)
        {
            if (random.Next(WordsPerTypo) == 0 || i == certain)
            {
                typed.Append(text, copied, words[i].Start - copied).Append(Mistype(text.AsSpan(words[i].Start, words[i].Length), random));
                copied = words[i].Start + words[i].Length;
            }
        }

        return typed.Append(text, copied, text.Length - copied).ToString();
    }

    private static List<(int Start, int Length)> Words(string text)
    {
        var (words, start) = (new List<(int, int)>(), 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || !char.IsLetter(text[i]))
            {
                if (i - start >= ShortestWord)
                {
                    words.Add((start, i - start));
                }

                start = i + 1;
            }
        }

        return words;
    }

    // The first letter is left alone, as by most people who mistype.
    private static string Mistype(ReadOnlySpan<char> word, Random random)
    {
        var at = random.Next(1, word.Length - 1);
        return random.Next(4) switch
        {
            0 => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
            1 => $"{word[..at]}{word[(at + 1)..]}",
            2 => $"{word[..at]}{word[at]}{word[at..]}",
            _ => $"{word[..at]}{Neighbour(word[at], random)}{word[(at + 1)..]}",
        };
    }

    private static char Neighbour(char letter, Random random)
    {
        foreach (var row in _keyboard)
        {
            var at = row.IndexOf(char.ToLowerInvariant(letter), StringComparison.Ordinal);
            if (at >= 0)
            {
                return row[at == 0 ? 1 : at == row.Length - 1 || random.Next(2) == 0 ? at - 1 : at + 1];
            }
        }

        return letter;
    }

    // string.GetHashCode differs from run to run
    private static int Seed(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return (int)((hash ^ (hash >> 15)) & int.MaxValue);
    }
}
