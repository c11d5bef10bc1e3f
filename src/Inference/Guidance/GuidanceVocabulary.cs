using System.Buffers;
using System.Text;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Guidance;

/// <summary>The vocabulary of a model as guidance needs it; its native part is made with the first guide.</summary>
/// <remarks>Thread-safe. Guides that are in use when it is disposed stay usable.</remarks>
internal sealed class GuidanceVocabulary : IDisposable
{
    private const byte ControlMark = 0xFF; // what the native library tells control tokens by; never a byte of text

    // A longer token, or more bytes in all, may not fit the native trie, which would end the process.
    private const int LongestTokenBytes = 255;
    private const int MostBytes = 1 << 22;

    private readonly BpeTokenizer _tokenizer;
    private readonly Lazy<VocabularyHandle> _handle;

    /// <summary>Describes the vocabulary.</summary>
    /// <param name="tokenizer">Whose tokens they are.</param>
    /// <param name="endTokens">Ids that end an answer; those outside the vocabulary are left out.</param>
    /// <exception cref="ArgumentException">There is no end token.</exception>
    public GuidanceVocabulary(BpeTokenizer tokenizer, IReadOnlySet<int> endTokens)
    {
        _tokenizer = tokenizer;
        EndTokens = [.. endTokens.Where(token => token >= 0 && token < tokenizer.VocabularySize).Order()];
        if (EndTokens.Length == 0)
        {
            throw new ArgumentException("A guided answer needs a token to end with.", nameof(endTokens));
        }

        _handle = new(Create);
    }

    /// <summary>Ids that end an answer, ascending; at least one.</summary>
    public int[] EndTokens { get; }

    /// <summary>One more than the highest token id.</summary>
    public int Size => _tokenizer.VocabularySize;

    /// <summary>The native vocabulary, made on the first call.</summary>
    /// <exception cref="GuidanceException">The native library has no guidance, or cannot take this vocabulary.</exception>
    public VocabularyHandle Handle => _handle.Value;

    /// <summary>Finds a control token by its text.</summary>
    public bool TryGetControlToken(string text, out int token) => _tokenizer.TryGetId(text, out token) && _tokenizer.IsControl(token);

    /// <summary>The bytes that guidance takes a token for.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="scratch">Holds what is returned, and nothing else afterwards.</param>
    /// <returns>The token's UTF-8, which may be a part of a character; 0xFF and its text for a control or end token; nothing for one that
    /// no answer may contain.</returns>
    public ReadOnlySpan<byte> GetBytes(int token, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var isControl = _tokenizer.IsControl(token) || Array.BinarySearch(EndTokens, token) >= 0;
        if (isControl)
        {
            scratch.Write([ControlMark]);
        }

        _tokenizer.WriteBytes(token, skipSpecial: false, scratch);
        var bytes = scratch.WrittenSpan;
        var isUsable = bytes.Length <= LongestTokenBytes && (isControl ? bytes.Length > 1 : !bytes.Contains(ControlMark));
        return isUsable ? bytes : default;
    }

    public void Dispose()
    {
        if (_handle.IsValueCreated)
        {
            _handle.Value.Dispose();
        }
    }

    private VocabularyHandle Create()
    {
        var lengths = new uint[Size];
        var bytes = new ArrayBufferWriter<byte>(Size * 8);
        var scratch = new ArrayBufferWriter<byte>();
        for (var token = 0; token < lengths.Length; token++)
        {
            var own = GetBytes(token, scratch);
            bytes.Write(own);
            lengths[token] = (uint)own.Length;
        }

        if (bytes.WrittenCount > MostBytes)
        {
            throw new GuidanceException("this model's vocabulary is too large for answers that follow a schema or a choice of tools");
        }

        try
        {
            return Create(lengths, bytes.WrittenSpan);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new GuidanceException("this build cannot hold answers to a schema or a choice of tools", e);
        }
    }

    private unsafe VocabularyHandle Create(uint[] lengths, ReadOnlySpan<byte> bytes)
    {
        Span<byte> error = stackalloc byte[512];
        error.Clear();
        fixed (uint* lengthsAddress = lengths)
        {
            fixed (byte* bytesAddress = bytes)
            {
                var description = new NativeVocabulary
                {
                    Tokens = (uint)lengths.Length,
                    EndToken = (uint)EndTokens[0],
                    Lengths = (nint)lengthsAddress,
                    Bytes = (nint)bytesAddress,
                    TokenizeGreedily = 1,
                };
                var handle = new VocabularyHandle(GuidanceNative.NewVocabulary(description, error, (nuint)error.Length));
                if (handle.IsInvalid)
                {
                    throw new GuidanceException($"this model's vocabulary cannot be guided: {Encoding.UTF8.GetString(error[..error.IndexOf((byte)0)])}");
                }

                return handle;
            }
        }
    }
}
