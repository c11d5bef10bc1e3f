using System.Numerics;
using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Guidance;

/// <summary>The state of one guided answer: which tokens may come next. For one thread at a time.</summary>
internal sealed class TokenGuide : IDisposable
{
    // A deeply nested grammar is compiled by recursion, and a native stack that overflows ends the process.
    private const int CompilerStackBytes = 256 << 20;

    private readonly GuidanceVocabulary _vocabulary;
    private readonly MatcherHandle _matcher;
    private readonly uint[] _mask;
    private bool _isMaskReady;
    private bool _isEnded;

    private TokenGuide(GuidanceVocabulary vocabulary, MatcherHandle matcher)
    {
        _vocabulary = vocabulary;
        _matcher = matcher;
        _mask = new uint[(int)GuidanceNative.GetMaskBytes(matcher) / sizeof(uint)];
        IsComplete = GuidanceNative.IsStopped(matcher);
    }

    /// <summary>Whether nothing but an end token may follow.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Begins an answer: compiles the grammar on a thread of its own, which can take seconds.</summary>
    /// <exception cref="GuidanceException">The grammar cannot be followed; the message says why, for the client.</exception>
    public static Task<TokenGuide> CreateAsync(GuidanceVocabulary vocabulary, AnswerGrammar grammar)
    {
        var created = new TaskCompletionSource<TokenGuide>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Run, CompilerStackBytes) { IsBackground = true, Name = "Guidance" }.Start();
        return created.Task;

        void Run()
        {
            try
            {
                created.SetResult(Compile(vocabulary, grammar));
            }
            catch (Exception e) // here it would end the process
            {
                created.SetException(e);
            }
        }
    }

    /// <summary>Begins another answer, from where this one is.</summary>
    public TokenGuide Clone() => new(_vocabulary, new MatcherHandle(GuidanceNative.CloneMatcher(_matcher))) { IsComplete = IsComplete, _isEnded = _isEnded };

    /// <summary>Makes the scores of forbidden tokens negative infinity; when the answer is complete, those of all but end tokens.</summary>
    /// <param name="logits">A score per token; those past the vocabulary are forbidden.</param>
    /// <exception cref="GuidanceException">The grammar turned out to be too costly, or no token of the vocabulary fits it.</exception>
    public void Mask(Span<float> logits)
    {
        if (!TryPrepareMask())
        {
            throw Failure();
        }

        Apply(_mask, logits);
    }

    /// <summary>Takes the chosen token, an end token included.</summary>
    /// <exception cref="GuidanceException">The token was forbidden; the guide is of no use any more.</exception>
    public void Accept(int token)
    {
        if (_isEnded)
        {
            throw new GuidanceException("the answer has ended already");
        }

        _isMaskReady = false;
        if (Array.BinarySearch(_vocabulary.EndTokens, token) >= 0)
        {
            if (!IsComplete && !GuidanceNative.IsAccepting(_matcher))
            {
                throw new GuidanceException("the answer ended before it was complete");
            }

            _isEnded = true;
            IsComplete = true;
        }
        else if (IsComplete || (uint)token >= (uint)_vocabulary.Size || GuidanceNative.ConsumeToken(_matcher, (uint)token) != 0)
        {
            throw Failure();
        }
        else
        {
            IsComplete = GuidanceNative.IsStopped(_matcher);
            if (IsComplete && GuidanceNative.GetError(_matcher) != 0)
            {
                throw Failure();
            }
        }
    }

    public void Dispose() => _matcher.Dispose();

    private static TokenGuide Compile(GuidanceVocabulary vocabulary, AnswerGrammar grammar)
    {
        var text = grammar.Compose(vocabulary);
        var matcher = Compile(vocabulary.Handle, grammar.Kind, text);
        if (GuidanceNative.GetError(matcher) == 0)
        {
            var guide = new TokenGuide(vocabulary, matcher);
            if (guide.TryPrepareMask())
            {
                return guide;
            }
        }

        var problem = ReadProblem(GuidanceNative.GetError(matcher));
        matcher.Dispose();
        throw new GuidanceException($"{grammar.Name} cannot be followed: {problem}");
    }

    private static MatcherHandle Compile(VocabularyHandle vocabulary, string kind, string text)
    {
        Span<byte> settings = stackalloc byte[GuidanceNative.SettingsBytes];
        var isReferenced = false;
        try
        {
            vocabulary.DangerousAddRef(ref isReferenced);
            return GuidanceNative.TryWriteSettings(settings, vocabulary)
                ? new(GuidanceNative.NewMatcher(settings, kind, text))
                : throw new GuidanceException("this build cannot hold answers to a schema or a choice of tools: its native library is another version");
        }
        catch (Exception e) when (e is not GuidanceException) // a missing function, a vocabulary that was disposed
        {
            throw new GuidanceException("this build cannot hold answers to a schema or a choice of tools", e);
        }
        finally
        {
            if (isReferenced)
            {
                vocabulary.DangerousRelease();
            }
        }
    }

    // Messages go on with lines of context that mean nothing to a client.
    private static string ReadProblem(nint error)
    {
        const int LongestCharacters = 300;
        var message = Marshal.PtrToStringUTF8(error)!;
        if (message.StartsWith("panic", StringComparison.Ordinal))
        {
            return "it is too large, or has parts that are not supported";
        }

        if (message.StartsWith("NoExtension", StringComparison.Ordinal))
        {
            return "no answer satisfies it";
        }

        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var problem = lines.FirstOrDefault(static line => line.StartsWith("error:", StringComparison.Ordinal)) is { } detail && lines[0] != detail
            ? $"{lines[0]} {detail}" // a regular expression: what is wrong with it stands below it
            : lines.FirstOrDefault() ?? "it is not supported";
        return problem.Length <= LongestCharacters ? problem : problem[..LongestCharacters] + "…";
    }

    private static void Apply(ReadOnlySpan<uint> mask, Span<float> logits)
    {
        for (var word = 0; word < mask.Length && word * 32 < logits.Length; word++)
        {
            var forbidden = ~mask[word];
            if (forbidden == 0)
            {
                continue;
            }

            var scores = logits.Slice(word * 32, Math.Min(32, logits.Length - (word * 32)));
            if (forbidden == uint.MaxValue)
            {
                scores.Fill(float.NegativeInfinity);
                continue;
            }

            for (; forbidden != 0; forbidden &= forbidden - 1)
            {
                var bit = BitOperations.TrailingZeroCount(forbidden);
                if (bit < scores.Length)
                {
                    scores[bit] = float.NegativeInfinity;
                }
            }
        }

        if (logits.Length > mask.Length * 32)
        {
            logits[(mask.Length * 32)..].Fill(float.NegativeInfinity);
        }
    }

    private bool TryPrepareMask()
    {
        if (_isMaskReady)
        {
            return true;
        }

        if (IsComplete)
        {
            Array.Clear(_mask);
            AllowEnd();
        }
        else if (GuidanceNative.ComputeMask(_matcher, _mask, (nuint)_mask.Length * sizeof(uint)) != 0)
        {
            return false;
        }
        else if (IsAllowed(_vocabulary.EndTokens[0])) // the one that the native library knows: it is allowed where the answer may end
        {
            AllowEnd();
        }

        return _isMaskReady = true;
    }

    private bool IsAllowed(int token) => (_mask[token / 32] & (1u << (token % 32))) != 0;

    private void AllowEnd()
    {
        foreach (var token in _vocabulary.EndTokens)
        {
            _mask[token / 32] |= 1u << (token % 32);
        }
    }

    private GuidanceException Failure() => new(
        GuidanceNative.GetError(_matcher) is not 0 and var error ? $"the answer cannot go on: {ReadProblem(error)}" : "the answer cannot go on with that token");
}
