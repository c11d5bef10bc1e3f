using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Guidance;

/// <summary>The C functions of llguidance (1.x) that libonnxruntime-genai exports beside its own.</summary>
/// <remarks>
/// A state that failed stays failed, and says why in <see cref="GetError"/>. Rust panics while a grammar is compiled or
/// applied come back as such failures; those outside (a null pointer, a mask of the wrong size) end the process.
/// </remarks>
internal static partial class GuidanceNative
{
    /// <summary>Room for the settings of a state, more than any version of the structure takes.</summary>
    public const int SettingsBytes = 256;

    private const string Library = "onnxruntime-genai";

    // offsets in LlgConstraintInit: the vocabulary, two log levels, two switches, then LlgParserLimits
    private const int StderrLogOffset = 12;
    private const int LargestRowOffset = 24;
    private const int LargestGrammarOffset = 64;
    private const int VerboseErrorsOffset = 73;

    /// <summary>Writes the settings of a quiet state, whose errors repeat neither grammar nor answer.</summary>
    /// <param name="settings">At least <see cref="SettingsBytes"/>.</param>
    /// <param name="vocabulary">Kept by address: must outlive the use of the settings.</param>
    /// <returns>Whether the library's structure is the one known here.</returns>
    public static bool TryWriteSettings(Span<byte> settings, VocabularyHandle vocabulary)
    {
        const int LargestRow = 2000;
        const int LargestGrammar = 500_000;
        settings.Clear();
        SetDefaults(settings, vocabulary);
        var isKnown = MemoryMarshal.Read<long>(settings[LargestRowOffset..]) == LargestRow
            && MemoryMarshal.Read<long>(settings[LargestGrammarOffset..]) == LargestGrammar
            && settings[VerboseErrorsOffset] == 1
            && !settings[(VerboseErrorsOffset + 1)..].ContainsAnyExcept((byte)0);
        settings[StderrLogOffset] = 0;
        settings[VerboseErrorsOffset] = 0;
        return isKnown;
    }

    [LibraryImport(Library, EntryPoint = "llg_new_tokenizer")]
    public static partial nint NewVocabulary(in NativeVocabulary vocabulary, Span<byte> error, nuint errorBytes);

    [LibraryImport(Library, EntryPoint = "llg_free_tokenizer")]
    public static partial void FreeVocabulary(nint vocabulary);

    /// <summary>Compiles a grammar; never returns zero, but perhaps a failed state.</summary>
    /// <param name="settings">As <see cref="TryWriteSettings"/> wrote them.</param>
    /// <param name="kind">"json_schema" or "lark".</param>
    /// <param name="grammar">Must not contain NUL.</param>
    [LibraryImport(Library, EntryPoint = "llg_new_matcher", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewMatcher(ReadOnlySpan<byte> settings, string kind, string grammar);

    /// <summary>A state of its own, as far as the given one has got; a failure goes with it.</summary>
    [LibraryImport(Library, EntryPoint = "llg_clone_matcher")]
    public static partial nint CloneMatcher(MatcherHandle matcher);

    [LibraryImport(Library, EntryPoint = "llg_free_matcher")]
    public static partial void FreeMatcher(nint matcher);

    [LibraryImport(Library, EntryPoint = "llg_matcher_get_mask_byte_size")]
    public static partial nuint GetMaskBytes(MatcherHandle matcher);

    /// <summary>Writes a bit per token; 0 when it could.</summary>
    /// <param name="matcher">The state.</param>
    /// <param name="mask">Exactly as long as <see cref="GetMaskBytes"/> says.</param>
    /// <param name="maskBytes">Its length.</param>
    [LibraryImport(Library, EntryPoint = "llg_matcher_compute_mask_into")]
    public static partial int ComputeMask(MatcherHandle matcher, Span<uint> mask, nuint maskBytes);

    [LibraryImport(Library, EntryPoint = "llg_matcher_consume_token")]
    public static partial int ConsumeToken(MatcherHandle matcher, uint token);

    /// <summary>The failure as UTF-8 that lives as long as the state; zero when there is none.</summary>
    [LibraryImport(Library, EntryPoint = "llg_matcher_get_error")]
    public static partial nint GetError(MatcherHandle matcher);

    [LibraryImport(Library, EntryPoint = "llg_matcher_is_accepting")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsAccepting(MatcherHandle matcher);

    /// <summary>Whether nothing may follow, or the state failed.</summary>
    [LibraryImport(Library, EntryPoint = "llg_matcher_is_stopped")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsStopped(MatcherHandle matcher);

    [LibraryImport(Library, EntryPoint = "llg_constraint_init_set_defaults")]
    private static partial void SetDefaults(Span<byte> settings, VocabularyHandle vocabulary);
}
