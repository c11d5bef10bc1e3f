using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Embeddings;

public sealed partial class EmbeddingModel
{
    private const string OutputName = "sentence_embedding";
    private const int FeatureWidth = 512; // of the image, video and audio inputs of multi-modal exports

    private static readonly string[] _tokenInputs = ["input_ids", "attention_mask"];
    private static readonly string[] _outputNames = [OutputName];

    private readonly string[] _featureNames;
    private readonly string[] _inputNames;

    /// <summary>Embeds one sequence.</summary>
    /// <param name="tokens">1 to <see cref="MaxTokens"/> ids, bos and eos included, as <see cref="Tokenize"/> gives them.</param>
    /// <param name="embedding">Receives <see cref="Dimension"/> values.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed.</exception>
    public void Embed(ReadOnlySpan<int> tokens, Span<float> embedding)
    {
        CheckLength(tokens.Length, nameof(tokens));
        CheckOutput(embedding.Length, 1, nameof(embedding));
        var ids = ArrayPool<long>.Shared.Rent(tokens.Length);
        var mask = ArrayPool<long>.Shared.Rent(tokens.Length);
        try
        {
            CopyRow(tokens, ids, mask);
            Run(ids, mask, 1, tokens.Length, embedding);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(ids);
            ArrayPool<long>.Shared.Return(mask);
        }
    }

    /// <summary>Embeds several sequences in one run, padded on the right to the longest.</summary>
    /// <param name="batch">The sequences, each of 1 to <see cref="MaxTokens"/> ids.</param>
    /// <param name="embeddings">Receives [batch, <see cref="Dimension"/>], row-major.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed.</exception>
    public void Embed(IReadOnlyList<ReadOnlyMemory<int>> batch, Span<float> embeddings)
    {
        ArgumentNullException.ThrowIfNull(batch);
        CheckOutput(embeddings.Length, batch.Count, nameof(embeddings));
        if (batch.Count == 0)
        {
            return;
        }

        var longest = 0;
        foreach (var tokens in batch)
        {
            CheckLength(tokens.Length, nameof(batch));
            longest = Math.Max(longest, tokens.Length);
        }

        var ids = ArrayPool<long>.Shared.Rent(batch.Count * longest);
        var mask = ArrayPool<long>.Shared.Rent(batch.Count * longest);
        try
        {
            for (var row = 0; row < batch.Count; row++)
            {
                CopyRow(batch[row].Span, ids.AsSpan(row * longest, longest), mask.AsSpan(row * longest, longest));
            }

            Run(ids, mask, batch.Count, longest, embeddings);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(ids);
            ArrayPool<long>.Shared.Return(mask);
        }
    }

    private static void CopyRow(ReadOnlySpan<int> tokens, Span<long> ids, Span<long> mask)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
            mask[i] = 1;
        }

        ids[tokens.Length..].Clear();
        mask[tokens.Length..].Clear();
    }

    // Returns the length of an embedding; copies nothing to an empty span.
    private int Run(long[] ids, long[] mask, int rows, int length, Span<float> embeddings)
    {
        var info = OrtMemoryInfo.DefaultInstance;
        var shape = new long[] { rows, length };
        var inputs = new OrtValue[_inputNames.Length];
        Enter();
        try
        {
            inputs[0] = OrtValue.CreateTensorValueFromMemory(info, ids.AsMemory(0, rows * length), shape);
            inputs[1] = OrtValue.CreateTensorValueFromMemory(info, mask.AsMemory(0, rows * length), shape);
            for (var i = _tokenInputs.Length; i < inputs.Length; i++)
            {
                inputs[i] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [0, FeatureWidth]);
            }

            using var options = new RunOptions();
            using var outputs = _session.Session.Run(options, _inputNames, inputs, _outputNames);
            var values = outputs[0].GetTensorDataAsSpan<float>();
            if (!embeddings.IsEmpty)
            {
                values.CopyTo(embeddings);
            }

            return values.Length / rows;
        }
        finally
        {
            foreach (var input in inputs)
            {
                input?.Dispose();
            }

            Leave();
        }
    }

    private static void CheckContract(InferenceSession session, string folder, string modelFile)
    {
        foreach (var name in _tokenInputs)
        {
            if (!session.InputMetadata.TryGetValue(name, out var input) || input.ElementDataType != TensorElementType.Int64)
            {
                throw WrongModel($"has no int64 input \"{name}\"");
            }
        }

        foreach (var (name, input) in session.InputMetadata)
        {
            if (!_tokenInputs.Contains(name) && input.ElementDataType != TensorElementType.Float)
            {
                throw WrongModel($"needs an input \"{name}\" that an embedding model does not have");
            }
        }

        if (!session.OutputMetadata.TryGetValue(OutputName, out var output) || output.ElementDataType != TensorElementType.Float)
        {
            throw WrongModel($"has no float32 output \"{OutputName}\"");
        }

        ModelFolderException WrongModel(string problem) =>
            new(folder, modelFile, problem + ": name the folder of an embedding model (input_ids, attention_mask -> sentence_embedding)");
    }

    // Exports may leave the last dimension of the output open, so it is read off a run.
    private int MeasureDimension()
    {
        long[] ids = [Tokenizer.Prefix.Count > 0 ? Tokenizer.Prefix[0] : 0];
        return Run(ids, [1], 1, 1, default);
    }

    private void CheckLength(int tokens, string parameter)
    {
        if (tokens < 1 || tokens > MaxTokens)
        {
            throw new ArgumentException($"A sequence has {tokens} tokens; the model takes 1 to {MaxTokens}.", parameter);
        }
    }

    private void CheckOutput(int length, int rows, string parameter)
    {
        if (length < rows * Dimension)
        {
            throw new ArgumentException($"The buffer holds {length} values; {rows} embeddings of {Dimension} are needed.", parameter);
        }
    }
}
