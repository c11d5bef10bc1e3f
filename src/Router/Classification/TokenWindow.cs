using RouterGateway.Inference.Embeddings;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Classification;

/// <summary>The tokens of a text that a model reads: all, or head and tail of a long one.</summary>
/// <param name="Text">The text itself, head and tail of a very long one, well-formed.</param>
/// <param name="Tokens">At most what the model takes, and at most 256.</param>
/// <param name="TextTokens">Tokens of the whole text; estimated when characters were left out before tokenising.</param>
/// <param name="IsCut">True when a middle part was left out.</param>
internal readonly record struct TokenWindow(string Text, ReadOnlyMemory<int> Tokens, int TextTokens, bool IsCut)
{
    // Of what a model takes: 128, 256 and 512 tokens gave the same accuracy on dev.jsonl (97.0, 96.9, 96.9 %), and time grows with them.
    private const int MostTokens = 256;

    // Ordinary text has 3 to 5 characters a token: this keeps more than the model takes, and never tokenises megabytes.
    private const int CharactersPerToken = 8;

    /// <summary>Tokenises a text for a model.</summary>
    /// <param name="model">Whose tokenizer and limit count.</param>
    /// <param name="instruction">What the model wants before the text; may be empty.</param>
    /// <param name="text">Any text.</param>
    public static TokenWindow Create(EmbeddingModel model, string instruction, string text)
    {
        var longest = Math.Min(MostTokens, model.MaxTokens);
        var shortened = WellFormed(HeadAndTail.Cut(text, longest * CharactersPerToken));
        var tokens = model.Tokenize(instruction + shortened);
        var isCut = shortened.Length < text.Length || tokens.Length > longest;
        var textTokens = (int)(tokens.Length * ((double)text.Length / Math.Max(1, shortened.Length)));
        return new TokenWindow(shortened, tokens.Length > longest ? HeadAndTailOf(tokens, longest) : tokens, textTokens, isCut);
    }

    private static int[] HeadAndTailOf(int[] tokens, int longest)
    {
        var head = longest / 2;
        return [.. tokens.AsSpan(0, head), .. tokens.AsSpan(tokens.Length - (longest - head))];
    }

    /// <summary>A text without lone surrogates, which have no UTF-8, and without NUL and its like, which only confuse.</summary>
    internal static string WellFormed(string text)
    {
        var isOdd = false;
        for (var i = 0; i < text.Length && !isOdd; i++)
        {
            isOdd = char.IsSurrogate(text[i]) || (text[i] < ' ' && text[i] is not ('\n' or '\t' or '\r'));
        }

        return !isOdd ? text : string.Create(text.Length, text, static (clean, odd) =>
        {
            for (var i = 0; i < odd.Length; i++)
            {
                var isPair = char.IsSurrogatePair(odd, Math.Min(i, odd.Length - 1)) || (i > 0 && char.IsSurrogatePair(odd[i - 1], odd[i]));
                clean[i] = char.IsSurrogate(odd[i]) && !isPair ? '\uFFFD' : odd[i] < ' ' && odd[i] is not ('\n' or '\t' or '\r') ? ' ' : odd[i];
            }
        });
    }
}
