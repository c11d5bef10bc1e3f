using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Decoding;

/// <summary>A sequence of tokens and its KV cache. One thread at a time.</summary>
/// <remarks>
/// Where the graph allows it the cache is one buffer per layer that every run writes into, so that a token costs its own row and going back
/// costs nothing; else every run gives a new cache, one row longer.
/// </remarks>
internal sealed partial class KvSequence : IDisposable
{
    // A prompt is read in pieces: a client that leaves is noticed between them, and activations and logits of one piece bound the memory.
    private const int PieceTokens = 512;
    private const long PieceLogitBytes = 64L << 20;

    private readonly Decoder _decoder;
    private readonly List<int> _tokens = [];
    private readonly OrtIoBinding _binding;
    private readonly nint[] _memory;
    private readonly OrtValue[] _past;
    private readonly RunOptions _options = new();
    private OrtValue? _logits;
    private int _logitRows;
    private float[] _converted = [];

    /// <param name="decoder">The model; not owned. Its inputs of the KV cache are those of the graph's own.</param>
    /// <param name="capacityTokens">Most tokens that it will hold.</param>
    public KvSequence(Decoder decoder, int capacityTokens)
    {
        (_decoder, CapacityTokens) = (decoder, capacityTokens);
        _memory = new nint[decoder.Contract.PastInputs.Length];
        _past = decoder.CanShareBuffers ? CreateBuffers() : decoder.Contract.CreateEmptyPast();
        _binding = decoder.Session.CreateIoBinding();
        BindCache();
        HeldTokens = decoder.CanShareBuffers && decoder.Device != "cpu" ? capacityTokens : 0;
    }

    /// <summary>Most tokens that it can hold.</summary>
    public int CapacityTokens { get; }

    /// <summary>The tokens that its KV cache holds.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens that it takes memory for: the most that it ever held, on a GPU its whole capacity.</summary>
    public int HeldTokens { get; private set; }

    /// <summary>Names of the tensors of the KV cache, see <see cref="Read"/>.</summary>
    public IReadOnlyList<string> CacheNames => _decoder.Contract.PresentOutputs;

    /// <summary>Appends tokens.</summary>
    /// <param name="tokens">One or more.</param>
    /// <param name="cancellationToken">Ends it between two pieces of a long prompt; the sequence then holds the pieces that were read.</param>
    /// <returns>The logits of the last token, [vocabulary]; the caller may change them, and the next call does.</returns>
    /// <exception cref="ArgumentException">There are no tokens, or too many.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed; the sequence holds what it held before the piece.</exception>
    public Span<float> Append(scoped ReadOnlySpan<int> tokens, CancellationToken cancellationToken = default)
    {
        if (tokens.Length < 1 || tokens.Length > CapacityTokens - _tokens.Count)
        {
            throw new ArgumentException($"{tokens.Length} tokens after {_tokens.Count}: the sequence takes from 1 to {CapacityTokens} in all.", nameof(tokens));
        }

        for (var piece = PieceLength(); ; tokens = tokens[piece..])
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(tokens[..Math.Min(piece, tokens.Length)]);
            if (tokens.Length <= piece)
            {
                return ReadLogits();
            }
        }
    }

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="tokens">How many to keep, at most as many as there are.</param>
    /// <exception cref="NotSupportedException">The cache lies on a GPU and is no buffer.</exception>
    public void RewindTo(int tokens)
    {
        if (!_decoder.CanShareBuffers && tokens < _tokens.Count)
        {
            Crop(tokens);
        }

        _tokens.RemoveRange(tokens, _tokens.Count - tokens);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _logits?.Dispose();
        Array.ForEach(_past, static value => value.Dispose());
        FreeBuffers();
    }

    private int PieceLength() => _decoder.Contract.GivesAllLogits
        ? (int)Math.Clamp(PieceLogitBytes / sizeof(float) / _decoder.Contract.Vocabulary, 1, PieceTokens)
        : PieceTokens;

    private void Run(scoped ReadOnlySpan<int> tokens)
    {
        using var inputs = new RunInputs();
        _decoder.AddText(inputs, _tokens.Count, tokens);
        foreach (var (name, input) in _decoder.Contract.TextInputs.Zip(inputs))
        {
            _binding.BindInput(name, input);
        }

        BindLogits(_decoder.Contract.GivesAllLogits ? tokens.Length : 1);
        _decoder.Session.RunWithBinding(_options, _binding);
        if (!_decoder.CanShareBuffers)
        {
            TakeCache();
        }

        _tokens.AddRange(tokens);
        HeldTokens = Math.Max(HeldTokens, _tokens.Count);
    }

    private void BindLogits(int rows)
    {
        if (rows != _logitRows)
        {
            _logits?.Dispose();
            _logits = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _decoder.Contract.LogitType, [1, rows, _decoder.Contract.Vocabulary]);
            _logitRows = rows;
        }

        _binding.BindOutput(DecoderContract.Logits, _logits!);
    }

    private Span<float> ReadLogits()
    {
        var vocabulary = _decoder.Contract.Vocabulary;
        if (_decoder.Contract.LogitType == TensorElementType.Float)
        {
            return _logits!.GetTensorMutableDataAsSpan<float>()[^vocabulary..];
        }

        Array.Resize(ref _converted, vocabulary);
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(_logits!.GetTensorDataAsSpan<Float16>()[^vocabulary..]), _converted);
        return _converted;
    }
}
