using System.Numerics.Tensors;

namespace RouterGateway.Inference.Engine;

/// <summary>Chooses the tokens of one sequence, one after the other.</summary>
/// <param name="options">How.</param>
/// <param name="likeliestTokens">How many of the likeliest tokens are told with each; <see langword="null"/>: not even how likely it was.</param>
/// <param name="guide">Forbids tokens; <see langword="null"/>: all are allowed.</param>
internal sealed class TokenSampler(SamplingOptions options, int? likeliestTokens, AnswerGuide? guide = null)
{
    private readonly Random _random = options.Seed is { } seed ? new Random(seed) : Random.Shared;
    private readonly Dictionary<int, int> _generated = []; // how often; only for penalties
    private float[] _raw = [];
    private float[] _weights = [];
    private int[] _candidates = [];

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">[vocabulary]; changed.</param>
    /// <exception cref="InvalidDataException">The logits are no numbers.</exception>
    /// <exception cref="Guidance.GuidanceException">The form of the answer cannot be kept to.</exception>
    public GeneratedToken Choose(Span<float> logits)
    {
        if (likeliestTokens is not null)
        {
            Array.Resize(ref _raw, logits.Length);
            logits.CopyTo(_raw);
        }

        Penalise(logits);
        guide?.Mask(logits);
        var likeliest = TensorPrimitives.IndexOfMax<float>(logits); // a NaN, if there is one
        if (!float.IsFinite(logits[likeliest]))
        {
            throw new InvalidDataException("its logits are not finite numbers");
        }

        var token = options.IsGreedy ? likeliest : Draw(logits, logits[likeliest]);
        guide?.Accept(token);
        if (options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
        {
            _generated[token] = _generated.GetValueOrDefault(token) + 1;
        }

        return likeliestTokens is { } count ? Describe(token, count) : new GeneratedToken(token, 0, []);
    }

    private void Penalise(Span<float> logits)
    {
        foreach (var (token, times) in _generated)
        {
            logits[token] -= (float)((options.FrequencyPenalty * times) + options.PresencePenalty);
        }
    }

    private int Draw(ReadOnlySpan<float> logits, float largest)
    {
        Array.Resize(ref _weights, logits.Length);
        var weights = _weights.AsSpan();
        TensorPrimitives.Subtract(logits, largest, weights);
        TensorPrimitives.Divide(weights, (float)options.Temperature, weights);
        TensorPrimitives.Exp<float>(weights, weights);
        if (options.TopK == 0 && options.TopP >= 1)
        {
            return Pick(weights, TensorPrimitives.Sum<float>(weights), identities: true);
        }

        var all = TensorPrimitives.Sum<float>(weights);
        var count = options.TopK > 0 ? TakeLargest(weights, options.TopK) : TakeNucleusAtMost(weights, all);
        weights = weights[..count];
        var candidates = _candidates.AsSpan(0, count);
        weights.Sort(candidates, static (left, right) => right.CompareTo(left));
        var (total, kept, sum) = (options.TopK > 0 ? TensorPrimitives.Sum<float>(weights) : all, 0, 0f);
        while (kept < count && (kept == 0 || sum < options.TopP * total))
        {
            sum += weights[kept++];
        }

        return Pick(weights[..kept], sum, identities: false);
    }

    private int Pick(ReadOnlySpan<float> weights, float total, bool identities)
    {
        var left = _random.NextDouble() * total;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                last = i;
                left -= weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return identities ? last : _candidates[last];
    }

    // The largest weights and their tokens come to stand in front, in any order.
    private int TakeLargest(Span<float> weights, int count)
    {
        var heap = new PriorityQueue<int, float>(count + 1);
        for (var i = 0; i < weights.Length; i++)
        {
            if (heap.Count < count)
            {
                heap.Enqueue(i, weights[i]);
            }
            else if (heap.TryPeek(out _, out var least) && weights[i] > least)
            {
                heap.DequeueEnqueue(i, weights[i]);
            }
        }

        Array.Resize(ref _candidates, weights.Length);
        var taken = 0;
        foreach (var (token, _) in heap.UnorderedItems.OrderBy(static item => item.Element))
        {
            (_candidates[taken], weights[taken]) = (token, weights[token]); // in order of tokens, so that none is overwritten unread
            taken++;
        }

        return taken;
    }

    // All tokens less likely than (1 - p) / vocabulary have less than 1 - p together, so none of them is in the nucleus.
    private int TakeNucleusAtMost(Span<float> weights, float all)
    {
        var least = (float)(all * (1 - options.TopP) / weights.Length);
        Array.Resize(ref _candidates, weights.Length);
        var taken = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] >= least && weights[i] > 0)
            {
                (_candidates[taken], weights[taken]) = (i, weights[i]);
                taken++;
            }
        }

        return taken;
    }

    private GeneratedToken Describe(int token, int count)
    {
        var largest = TensorPrimitives.Max<float>(_raw);
        Array.Resize(ref _weights, _raw.Length);
        TensorPrimitives.Subtract(_raw, largest, _weights);
        TensorPrimitives.Exp<float>(_weights, _weights);
        var logSum = largest + MathF.Log(TensorPrimitives.Sum<float>(_weights));
        var taken = count > 0 ? TakeLargest(_weights, count) : 0;
        TokenLogProbability[] likeliest = [.. _candidates.Take(taken).OrderByDescending(id => _raw[id]).Select(id => new TokenLogProbability(id, _raw[id] - logSum))];
        return new GeneratedToken(token, _raw[token] - logSum, likeliest);
    }
}
