using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Decoding;

/// <summary>A sequence of tokens and its KV cache. One thread at a time.</summary>
/// <remarks>How the cache is held depends on the graph, see <see cref="KvStorageKind"/>.</remarks>
internal sealed class KvSequence : IDisposable
{
    // A prompt is read in pieces: a client that leaves is noticed between them, and activations and logits of one piece bound the memory.
    private const int PieceTokens = 512;
    private const long PieceLogitBytes = 64L << 20;
    private const int LeaveStepTokens = 256; // memory is let go of in steps, as that is a call of the operating system

    /// <summary>Most tokens that a sequence limited to windows holds beyond them.</summary>
    public const int TokensBeyondWindow = PieceTokens + LeaveStepTokens;

    private readonly Decoder _decoder;
    private readonly List<int> _tokens = [];
    private readonly IKvStorage _storage;
    private readonly RunOptions _options = new();
    private OrtIoBinding? _binding; // while it runs
    private readonly int _window;
    private int _left; // tokens that windows have left
    private OrtValue? _logits;
    private int _logitRows;
    private float[] _converted = [];

    /// <param name="decoder">The model; not owned.</param>
    /// <param name="capacityTokens">Most tokens that it will hold.</param>
    public KvSequence(Decoder decoder, int capacityTokens)
    {
        (_decoder, CapacityTokens) = (decoder, capacityTokens);
        _window = decoder.CanLeaveWindows ? decoder.Windows.Where(static window => window != SlidingWindows.Unbounded).Max() : SlidingWindows.Unbounded;
        _storage = decoder.Storage switch
        {
            KvStorageKind.SharedBuffers => new SharedKvBuffers(decoder, capacityTokens),
            KvStorageKind.QuantisedRows => new QuantisedKvRows(decoder, capacityTokens),
            _ => new GrowingKvCache(decoder),
        };
        HeldTokens = _storage.TakesAllMemory ? capacityTokens : 0;
    }

    /// <summary>Most tokens that it can hold.</summary>
    public int CapacityTokens { get; }

    /// <summary>Whether sliding layers hold only what their windows reach.</summary>
    public bool IsLimitedToWindows { get; private set; }

    /// <summary>The tokens that its KV cache holds.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens that it takes memory for: the most that it ever held, on a GPU its whole capacity.</summary>
    public int HeldTokens { get; private set; }

    /// <summary>Names of the tensors of the KV cache, see <see cref="Read"/>.</summary>
    public IReadOnlyList<string> CacheNames => _decoder.Contract.PresentOutputs;

    /// <summary>Whether sequences of a decoder can be rewound.</summary>
    public static bool CanRewind(Decoder decoder) => decoder.Storage != KvStorageKind.Growing || decoder.Device == "cpu";

    /// <summary>Whether sequences of a decoder can be copied.</summary>
    public static bool CanCopy(Decoder decoder) => decoder.Storage != KvStorageKind.Growing && decoder.Device == "cpu";

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

    /// <summary>Lets sliding layers go of what their windows do not reach, from now on; does nothing where <see cref="Decoder.CanLeaveWindows"/> is false.</summary>
    public void LimitToWindows()
    {
        IsLimitedToWindows = _window != SlidingWindows.Unbounded;
        LeaveWindows();
    }

    /// <summary>Whether the first tokens are all there, or nothing of them is needed.</summary>
    public bool CanRewindTo(int tokens) => _left == 0 || tokens == 0 || tokens - _window >= _left;

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="tokens">How many to keep, at most as many as there are; <see cref="CanRewindTo"/> says whether it can.</param>
    /// <exception cref="NotSupportedException">The cache lies on a GPU and is no buffer.</exception>
    public void RewindTo(int tokens)
    {
        if (!CanRewindTo(tokens))
        {
            throw new InvalidOperationException($"Windows have left the first {_left} tokens: {tokens} cannot be gone back to.");
        }

        _left = tokens == 0 ? 0 : _left;
        if (tokens < _tokens.Count)
        {
            _storage.Cut(_tokens.Count, tokens);
        }

        _tokens.RemoveRange(tokens, _tokens.Count - tokens);
    }

    /// <summary>Makes a sequence of the first tokens of this one, at the price of copying their keys and values.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="capacityTokens">Most tokens that the copy will hold.</param>
    /// <returns>The copy; the caller owns it.</returns>
    /// <exception cref="NotSupportedException">See <see cref="CanCopy"/>.</exception>
    public KvSequence CopyPrefix(int tokens, int capacityTokens)
    {
        var copy = new KvSequence(_decoder, capacityTokens);
        try
        {
            _storage.CopyTo(copy._storage, tokens, _left);
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        (copy._left, copy.IsLimitedToWindows) = (_left, IsLimitedToWindows);
        copy._tokens.AddRange(Tokens[..tokens]);
        copy.HeldTokens = Math.Max(copy.HeldTokens, tokens);
        return copy;
    }

    /// <summary>Copies a tensor of the KV cache, which must lie in the memory of the CPU; scales of the graph's own are not multiplied in.</summary>
    /// <param name="index">Of <see cref="CacheNames"/>.</param>
    /// <returns>Number of heads, and the values [heads, tokens, width].</returns>
    public (int Heads, float[] Values) Read(int index) => (_storage.Read(index, _tokens.Count, out var values), values);

    /// <summary>Frees what only runs need, until the next: logits, and what was bound.</summary>
    public void Rest()
    {
        _binding?.Dispose();
        _binding = null;
        _storage.Rest();
        _logits?.Dispose();
        (_logits, _logitRows, _converted) = (null, 0, []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding?.Dispose();
        _options.Dispose();
        _logits?.Dispose();
        _storage.Dispose();
    }

    private void LeaveWindows()
    {
        var reached = _tokens.Count - _window;
        if (IsLimitedToWindows && reached - _left >= LeaveStepTokens)
        {
            _storage.LeaveWindow(_left, reached);
            _left = reached;
        }
    }

    private int PieceLength() => _decoder.Contract.GivesAllLogits
        ? (int)Math.Clamp(PieceLogitBytes / sizeof(float) / _decoder.Contract.Vocabulary, 1, PieceTokens)
        : PieceTokens;

    private void Run(scoped ReadOnlySpan<int> tokens)
    {
        if (_binding is null)
        {
            _binding = _decoder.Session.CreateIoBinding();
            _storage.Bind(_binding);
        }

        using var inputs = new RunInputs();
        _decoder.AddText(inputs, _tokens.Count, tokens);
        foreach (var (name, input) in _decoder.Contract.TextInputs.Zip(inputs))
        {
            _binding.BindInput(name, input);
        }

        BindLogits(_decoder.Contract.GivesAllLogits ? tokens.Length : 1);
        _storage.Prepare(_tokens.Count, tokens.Length);
        _decoder.Session.RunWithBinding(_options, _binding);
        _storage.Take(_tokens.Count, tokens.Length);
        _tokens.AddRange(tokens);
        LeaveWindows();
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

        _binding!.BindOutput(DecoderContract.Logits, _logits!);
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
