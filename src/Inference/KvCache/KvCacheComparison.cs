using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.KvCache;

/// <summary>Measures a model with its KV cache stored in every way, side by side.</summary>
/// <remarks>Agreement and divergence are of raw logits, both decoders reading the same text token by token, so that every position is read
/// from the cache; speed is that of the engine.</remarks>
public sealed class KvCacheComparison
{
    private const int SequenceTokens = 512;
    private const int TimedTokens = 32;
    private const int TimedRuns = 3;
    private const int PoolSequences = 4; // the default of a server

    private static readonly int[] _contexts = [100, 500, 2_000, 8_000];
    private static readonly KvCachePrecision[] _modes = [KvCachePrecision.None, KvCachePrecision.Int8, KvCachePrecision.Int8PerTokenHead, KvCachePrecision.Int4];

    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly DecoderFiles _files;
    private readonly DecoderConfig _config;
    private readonly BpeTokenizer _tokenizer;

    /// <summary>Reads a model folder in the layout of ONNX Runtime GenAI.</summary>
    /// <exception cref="ModelFolderException">The folder lacks a file, or one is damaged or of another kind.</exception>
    public KvCacheComparison(string folder, ILogger logger)
    {
        (_folder, _logger) = (folder, logger);
        _files = DecoderFiles.Find(folder, isCuda: false);
        _config = DecoderConfig.Load(folder);
        _tokenizer = BpeTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
    }

    /// <summary>Longest sequence that the model takes.</summary>
    public int ContextTokens => _config.ContextTokens;

    /// <summary>Calibrates the cache of the model and keeps the result in its folder, in place of an older one.</summary>
    /// <param name="text">What is read; null = the shipped text.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file, and how many tokens were read.</returns>
    /// <exception cref="ModelFolderException">The model cannot be run, or the folder cannot be written to.</exception>
    public (string File, int Tokens) Calibrate(string? text, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var calibration = KvCalibrator.Calibrate(_files, _tokenizer, _config, text ?? KvCacheGraph.CalibrationText(), progress, cancellationToken);
            return (calibration.Write(_folder), calibration.Tokens);
        }
        catch (Exception e) when (e is InvalidDataException or OnnxRuntimeException)
        {
            throw new ModelFolderException(_folder, Path.GetRelativePath(_folder, _files.Decoder), $"cannot be calibrated ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): name the folder of a text decoder", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(_folder, KvCalibration.FileName, $"cannot be written ({e.Message.TrimEnd('.')}): run this as somebody who may write there", e);
        }
    }

    /// <summary>Measures all ways to store the cache.</summary>
    /// <param name="text">What is read; null = the part of the shipped text that calibration does not read.</param>
    /// <param name="mostTokens">Most tokens of it.</param>
    /// <param name="device">Where the speed is measured; the rest always on the CPU.</param>
    /// <param name="progress">Told what is done now and the share of it, 0 to 1; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ModelFolderException">The model cannot be run, or its cache cannot be quantised.</exception>
    /// <exception cref="ArgumentException">The text is too short.</exception>
    public IReadOnlyList<KvCacheFigures> Measure(string? text, int mostTokens, DevicePreference device, IProgress<(string What, double Share)>? progress, CancellationToken cancellationToken)
    {
        var tokens = ReadTokens(text, mostTokens);
        var plain = Graph(KvCachePrecision.None);
        var freeBytes = FreeMemory.Bytes(); // once, so that the modes can be compared
        var figures = new List<KvCacheFigures>();
        foreach (var mode in _modes)
        {
            var name = HealthEndpoints.Name(mode);
            var graph = Graph(mode);
            var (agreement, kl, ratio) = mode == KvCachePrecision.None
                ? (1, 0, 1)
                : Compare(plain.Edited, graph.Edited, tokens, share => progress?.Report(($"{name}: agreement", share)), cancellationToken);
            var poolBytes = KvCacheBudget.ChoosePoolBytes(graph.Layout, _config.ContextTokens, PoolSequences, freeBytes);
            var longest = (int)Math.Min(_config.ContextTokens, graph.Layout.LongestSequence(poolBytes));
            figures.Add(new KvCacheFigures(
                name, graph.Layout.BytesPerToken, poolBytes, longest, agreement, kl, ratio, Time(mode, device, tokens, share => progress?.Report(($"{name}: speed", share)), cancellationToken)));
        }

        return figures;
    }

    private int[] ReadTokens(string? text, int mostTokens)
    {
        var tokens = new List<int>();
        _tokenizer.Encode(text ?? KvCacheGraph.CalibrationText(), tokens);
        if (text is null && tokens.Count >= 2 * KvCalibrator.MostTokens)
        {
            tokens.RemoveRange(0, KvCalibrator.MostTokens);
        }

        return tokens.Count > 1 ? [.. tokens.Take(mostTokens)] : throw new ArgumentException("The text has fewer than two tokens.", nameof(text));
    }

    private KvCacheGraph Graph(KvCachePrecision mode) => KvCacheGraph.Prepare(_folder, _files, _config, _tokenizer, mode, _logger);

    private (double Agreement, double Kl, double PerplexityRatio) Compare(byte[]? plainGraph, byte[]? graph, int[] tokens, Action<double> report, CancellationToken cancellationToken)
    {
        var sequenceTokens = Math.Min(SequenceTokens, _config.ContextTokens - 1);
        using var plainDecoder = Decoder.Open(plainGraph, _files);
        using var plain = new KvSequence(plainDecoder, sequenceTokens + 1);
        using var decoder = Decoder.Open(graph, _files);
        using var quantised = new KvSequence(decoder, sequenceTokens + 1);
        var (positions, agreed, kl, surprise) = (0, 0, 0.0, 0.0);
        foreach (var sequence in tokens.Chunk(sequenceTokens))
        {
            plain.RewindTo(0);
            quantised.RewindTo(0);
            if (_config.BeginToken is { } begin)
            {
                plain.Append([begin], cancellationToken);
                quantised.Append([begin], cancellationToken);
            }

            for (var i = 0; i + 1 < sequence.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (expected, actual) = (LogProbabilities(plain.Append([sequence[i]], cancellationToken)), LogProbabilities(quantised.Append([sequence[i]], cancellationToken)));
                agreed += TensorPrimitives.IndexOfMax<double>(expected) == TensorPrimitives.IndexOfMax<double>(actual) ? 1 : 0;
                kl += Divergence(expected, actual);
                surprise += expected[sequence[i + 1]] - actual[sequence[i + 1]];
                positions++;
                report((double)positions / tokens.Length);
            }
        }

        return ((double)agreed / positions, kl / positions, Math.Exp(surprise / positions));
    }

    private static double[] LogProbabilities(ReadOnlySpan<float> logits)
    {
        var probabilities = new double[logits.Length];
        TensorPrimitives.ConvertChecked(logits, probabilities);
        var largest = TensorPrimitives.Max<double>(probabilities);
        var logSum = largest + Math.Log(probabilities.Sum(logit => Math.Exp(logit - largest)));
        TensorPrimitives.Subtract(probabilities, logSum, probabilities);
        return probabilities;
    }

    private static double Divergence(double[] expected, double[] actual)
    {
        var sum = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            sum += Math.Exp(expected[i]) * (expected[i] - actual[i]);
        }

        return sum;
    }

    private Dictionary<int, double> Time(KvCachePrecision mode, DevicePreference device, int[] text, Action<double> report, CancellationToken cancellationToken)
    {
        if (!TryLoad(mode, device, out var loaded))
        {
            return [];
        }

        using var model = loaded;
        var contexts = _contexts.Where(context => context + TimedTokens < _config.ContextTokens).ToArray();
        var tokensPerSecond = new Dictionary<int, double>();
        foreach (var context in contexts)
        {
            var runs = Enumerable.Range(0, TimedRuns).Select(_ => Time(model, Enumerable.Range(0, context).Select(i => text[i % text.Length]).ToArray(), cancellationToken)).Order().ToArray();
            tokensPerSecond[context] = runs[TimedRuns / 2];
            report((double)tokensPerSecond.Count / contexts.Length);
        }

        return tokensPerSecond;
    }

    // A device may be able to run the model, and not this way to store its cache.
    private bool TryLoad(KvCachePrecision mode, DevicePreference device, [NotNullWhen(true)] out GenerationModel? model)
    {
        try
        {
            model = GenerationModel.Load(_folder, device, _logger, mode);
            return true;
        }
        catch (DeviceUnavailableException) when (mode != KvCachePrecision.None)
        {
            model = null;
            return false;
        }
    }

    private static double Time(GenerationModel model, int[] prompt, CancellationToken cancellationToken)
    {
        using var sequence = new KvSequence(model.Decoder, prompt.Length + TimedTokens);
        var next = TensorPrimitives.IndexOfMax<float>(sequence.Append(prompt, cancellationToken));
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < TimedTokens; i++)
        {
            next = TensorPrimitives.IndexOfMax<float>(sequence.Append([next], cancellationToken));
        }

        return TimedTokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
