using System.Text;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Guidance;

/// <summary>Answers at random: any allowed token is as likely as any other, and after a while those that close what is open.</summary>
internal static class GuidedSampler
{
    public const int End = 1;
    public const int EndOfTurn = 5;
    private const int RandomTokens = 120;
    private const int MostTokens = 4000;

    public static BpeTokenizer Tokenizer { get; } = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    public static int OpenCall { get; } = IdOf("<|tool_call>");

    public static int CloseCall { get; } = IdOf("<tool_call|>");

    public static int Quote { get; } = IdOf("<|\"|>");

    public static GuidanceVocabulary CreateVocabulary() => new(Tokenizer, new HashSet<int> { End, EndOfTurn });

    /// <summary>The tokens of a whole answer, without its end.</summary>
    public static async Task<List<int>> AnswerAsync(GuidanceVocabulary vocabulary, AnswerGrammar grammar, Random random)
    {
        using var guide = await TokenGuide.CreateAsync(vocabulary, grammar);
        var logits = new float[Tokenizer.VocabularySize];
        var tokens = new List<int>();
        while (tokens.Count < MostTokens)
        {
            var allowed = Allowed(guide, logits);
            var mayEnd = allowed.Contains(End);
            Assert.NotEmpty(allowed);
            Assert.Equal(mayEnd, allowed.Contains(EndOfTurn));
            Assert.True(!guide.IsComplete || allowed.Count == 2);
            if (mayEnd && (guide.IsComplete || tokens.Count >= RandomTokens || random.Next(20) == 0))
            {
                guide.Accept(random.Next(2) == 0 ? End : EndOfTurn);
                Assert.True(guide.IsComplete);
                return tokens;
            }

            allowed.RemoveAll(static token => token is End or EndOfTurn);
            var token = tokens.Count < RandomTokens ? allowed[random.Next(allowed.Count)] : Closing(allowed, tokens, random);
            guide.Accept(token);
            tokens.Add(token);
        }

        throw new InvalidOperationException($"The answer does not end: {Tokenizer.Decode(tokens.ToArray(), skipSpecial: false)[..500]}");
    }

    /// <summary>What may come next.</summary>
    public static List<int> Allowed(TokenGuide guide, float[] logits)
    {
        Array.Clear(logits);
        guide.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(token => logits[token] == 0)];
    }

    /// <summary>Accepts a text token by token; the tokens are those the tokenizer makes of it.</summary>
    public static void Accept(TokenGuide guide, string text)
    {
        var tokens = new List<int>();
        Tokenizer.Encode(text, tokens);
        foreach (var token in tokens)
        {
            Assert.Contains(token, Allowed(guide, new float[Tokenizer.VocabularySize]));
            guide.Accept(token);
        }
    }

    private static int Closing(List<int> allowed, List<int> tokens, Random random)
    {
        if (allowed.Contains(CloseCall) || allowed.Contains(Quote) && tokens.Count(static token => token == Quote) % 2 == 1)
        {
            return allowed.Contains(CloseCall) ? CloseCall : Quote;
        }

        var text = Tokenizer.Decode(tokens.ToArray(), skipSpecial: false);
        foreach (var closer in IsInString(text) ? ["\""] : new[] { "}", "]" })
        {
            if (allowed.Find(token => Tokenizer.Decode([token]) == closer) is > 0 and var token)
            {
                return token;
            }
        }

        var shortest = allowed.Min(static token => Length(token));
        var candidates = allowed.Where(token => Length(token) == shortest).ToArray();
        return candidates[random.Next(candidates.Length)];
    }

    private static bool IsInString(string text)
    {
        var isInString = false;
        for (var i = 0; i < text.Length; i++)
        {
            isInString ^= text[i] == '"';
            i += text[i] == '\\' ? 1 : 0;
        }

        return isInString;
    }

    private static int Length(int token) => Encoding.UTF8.GetByteCount(Tokenizer.Decode([token], skipSpecial: false));

    private static int IdOf(string piece) => Tokenizer.TryGetId(piece, out var id) ? id : throw new InvalidOperationException(piece);
}
