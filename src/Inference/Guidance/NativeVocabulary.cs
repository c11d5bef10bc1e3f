using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Guidance;

/// <summary>A vocabulary as the native library reads it (LlgTokenizerInit); copied by the call that takes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeVocabulary
{
    public uint Tokens;
    public uint EndToken;

    /// <summary>uint32 per token: how many of <see cref="Bytes"/> are its own.</summary>
    public nint Lengths;

    /// <summary>The bytes of all tokens, one after the other.</summary>
    public nint Bytes;

    /// <summary>Unused: tokenizer.json as text.</summary>
    public nint Json;

    /// <summary>Unused: belongs to <see cref="Tokenize"/>.</summary>
    public byte TokenizeTakesText;

    /// <summary>Unused: text to tokens by a function of the caller.</summary>
    public nint Tokenize;

    /// <summary>1: text to tokens by the longest token that fits. Tokens are only ever checked here, so it is hardly used.</summary>
    public byte TokenizeGreedily;

    /// <summary>Unused: given to <see cref="Tokenize"/>.</summary>
    public nint TokenizeState;

    /// <summary>Zero: the usual shortcuts for long strings.</summary>
    public nint Slices;
}
