using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Scoring;

/// <summary>What stands before and after the text of a user in the format that the model was trained on. Thread-safe.</summary>
/// <remarks>
/// Opening, text and closing are encoded each by itself, so that a prefix can be shared; what a user writes is plain text, whatever
/// control tokens it spells.
/// </remarks>
public sealed class ScorerFrame
{
    private readonly BpeTokenizer _tokenizer;
    private readonly string _before;
    private readonly string _after;

    private ScorerFrame(BpeTokenizer tokenizer, (string Before, string After)? around)
    {
        _tokenizer = tokenizer;
        (_before, _after) = around ?? ("", "\n");
        HasTemplate = around is not null;
    }

    /// <summary>True when the folder has a chat template; without one the text stands alone.</summary>
    public bool HasTemplate { get; }

    /// <summary>Encodes all that stands before the text.</summary>
    /// <param name="instructions">Said to the model in the user's turn.</param>
    public int[] EncodeOpening(string instructions)
    {
        var tokens = new List<int>();
        if (!HasTemplate)
        {
            tokens.AddRange(_tokenizer.Prefix); // which a template writes itself
        }

        var encoder = new TemplateEncoder(_tokenizer, tokens);
        encoder.AppendTemplate(_before);
        encoder.AppendPlain(instructions);
        encoder.Complete();
        return [.. tokens];
    }

    /// <summary>Encodes the text, without anything around it.</summary>
    public int[] EncodeText(string text)
    {
        var tokens = new List<int>();
        _tokenizer.Encode(text, tokens);
        return [.. tokens];
    }

    /// <summary>Encodes all that stands after the text, up to where the model answers.</summary>
    /// <param name="question">Said at the end of the user's turn.</param>
    public int[] EncodeClosing(string question) => EncodeClosing(question, "");

    /// <summary>Finds the token with which an answer begins.</summary>
    /// <param name="question">As given to <see cref="EncodeClosing(string)"/>.</param>
    /// <param name="answer">The whole answer.</param>
    /// <param name="token">The answer's only token.</param>
    /// <returns>False when the answer is not one token of its own.</returns>
    public bool TryGetAnswerToken(string question, string answer, out int token)
    {
        var closing = EncodeClosing(question);
        var answered = EncodeClosing(question, answer);
        token = answered[^1];
        return answered.Length == closing.Length + 1 && answered.AsSpan(0, closing.Length).SequenceEqual(closing) && !_tokenizer.IsSpecial(token)
            && _tokenizer.Decode([token]).Trim() == answer.Trim(); // not a byte or the unknown token
    }

    /// <summary>Reads the frame of a model folder.</summary>
    /// <exception cref="ModelFolderException">The folder's chat template cannot be used.</exception>
    internal static ScorerFrame Load(string folder, BpeTokenizer tokenizer) => new(
        tokenizer, ChatTemplate.TryRead(folder) is { } template ? TemplateRenderer.RenderAround(folder, template, tokenizer) : null);

    private int[] EncodeClosing(string question, string answer)
    {
        var tokens = new List<int>();
        var encoder = new TemplateEncoder(_tokenizer, tokens);
        encoder.AppendPlain(question);
        encoder.AppendTemplate(_after);
        encoder.AppendPlain(answer);
        encoder.Complete();
        return [.. tokens];
    }
}
