using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.KvCache;

/// <summary>The graph of a decoder with the KV cache that is wanted.</summary>
internal sealed partial class KvCacheGraph
{
    // GroupQueryAttention's kernels for a quantised cache know heads of 64, 128 and 256; Gemma 4's full layers have 512.
    private const int WidestHeadOnCuda = 256;

    private KvCacheGraph(byte[]? edited, KvCacheLayout layout) => (Edited, Layout) = (edited, layout);

    /// <summary>The graph; null = the file as it is.</summary>
    public byte[]? Edited { get; }

    /// <summary>What its cache holds.</summary>
    public KvCacheLayout Layout { get; }

    /// <summary>Reads the graph of a folder, and edits it where its cache is stored otherwise. A cache to be quantised with static scales is calibrated
    /// first, unless the folder holds a calibration of this very model.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="files">Its files.</param>
    /// <param name="config">What it says.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="wanted">How the cache is to be stored; null = as the graph has it.</param>
    /// <param name="logger">Receives what is done.</param>
    /// <param name="isCuda">Whether it is to run on CUDA, where caches of wide heads cannot be quantised: they stay as they are, beside others that are.</param>
    /// <exception cref="ModelFolderException">The graph is damaged, or no decoder whose cache can be stored so.</exception>
    public static KvCacheGraph Prepare(string folder, DecoderFiles files, DecoderConfig config, BpeTokenizer tokenizer, KvCachePrecision? wanted, ILogger logger, bool isCuda = false)
    {
        try
        {
            var layout = KvCacheLayout.Read(files.Decoder);
            var precision = wanted ?? layout.Precision;
            if (precision == layout.Precision && (!isCuda || precision == KvCachePrecision.None))
            {
                return new KvCacheGraph(null, layout);
            }

            var calibration = precision is KvCachePrecision.Int8 or KvCachePrecision.Int4 ? Calibrated(folder, files, config, tokenizer, logger) : null;
            var edited = OnnxGraph.Edit(files.Decoder, graph =>
            {
                StaticKvScales.Remove(graph);
                if (calibration is not null)
                {
                    StaticKvScales.Apply(graph, calibration, precision, isCuda ? WidestHeadOnCuda : int.MaxValue);
                }
                else if (precision == KvCachePrecision.Int8PerTokenHead)
                {
                    OutlierFold.Apply(graph, files.Decoder, logger);
                    QuantisedPast.ApplyRows(graph);
                }
            });
            return new KvCacheGraph(edited, KvCacheLayout.Read(edited));
        }
        catch (Exception e) when (e is InvalidDataException or OnnxRuntimeException)
        {
            throw new ModelFolderException(folder, Path.GetRelativePath(folder, files.Decoder), $"is not a decoder that can be served{(wanted is { } kind ? $" with a KV cache of {HealthEndpoints.Name(kind)}" : "")} ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): copy it again", e);
        }
    }

    /// <summary>The text that models are calibrated with unless another is given: prose, code, mathematics and several languages.</summary>
    public static string CalibrationText()
    {
        using var stream = typeof(KvCacheGraph).Assembly.GetManifestResourceStream("calibration.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static KvCalibration Calibrated(string folder, DecoderFiles files, DecoderConfig config, BpeTokenizer tokenizer, ILogger logger)
    {
        if (KvCalibration.TryRead(folder, ModelFileHash.Compute(files.All())) is { } known)
        {
            return known;
        }

        LogCalibrating(logger, folder);
        var started = Stopwatch.GetTimestamp();
        var calibration = KvCalibrator.Calibrate(files, tokenizer, config, CalibrationText(), progress: null, CancellationToken.None);
        var elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            var file = calibration.Write(folder);
            LogCalibrated(logger, folder, calibration.Tokens, elapsedMs, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(logger, folder, elapsedMs, e.Message);
        }

        return calibration;
    }

    [LoggerMessage(EventId = 3050, Level = LogLevel.Information, Message = "{Folder} has no quantised KV cache: calibrating one, once")]
    private static partial void LogCalibrating(ILogger logger, string folder);

    [LoggerMessage(EventId = 3051, Level = LogLevel.Information, Message = "{Folder} was calibrated over {Tokens} tokens in {ElapsedMs:F0} ms; {File} keeps it")]
    private static partial void LogCalibrated(ILogger logger, string folder, int tokens, double elapsedMs, string file);

    [LoggerMessage(EventId = 3052, Level = LogLevel.Warning, Message = "The calibration of {Folder} ({ElapsedMs:F0} ms) cannot be kept, and every start does it again: {Reason} Run \"models calibrate\" as somebody who may write there")]
    private static partial void LogNotKept(ILogger logger, string folder, double elapsedMs, string reason);
}
