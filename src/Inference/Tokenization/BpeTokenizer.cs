using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Tokenization;

/// <summary>The BPE of a Hugging Face tokenizer.json with byte fallback, as Gemma's, giving exactly its ids.</summary>
/// <remarks>
/// Text given to <see cref="Encode"/> never yields a control token, whatever it spells: only <see cref="EncodeTemplate"/>,
/// for text that the server itself wrote, recognises them. Thread-safe.
/// </remarks>
public sealed partial class BpeTokenizer
{
    private const char SpaceMark = '▁'; // U+2581, what the normalizer makes of a space

    private readonly TokenizerDefinition _definition;
    private readonly AddedTokenMatcher _plainTokens;
    private readonly AddedTokenMatcher _controlTokens;
    private readonly HashSet<int> _specialIds;
    private readonly HashSet<int> _controlIds;
    private readonly int[] _characterIds = new int[char.MaxValue + 1]; // id of a one-character piece, or -1
    private readonly int[] _byteIds = new int[256]; // id of <0x..>, or -1
    private readonly short[] _byteValues; // by id: the byte that a <0x..> piece stands for, or -1
    private readonly int _unknownId;
    private readonly bool _mapsSpace;
    private readonly bool _splitsBeforeSpaceMark;

    internal BpeTokenizer(TokenizerDefinition definition)
    {
        _definition = definition;
        _plainTokens = new(definition.AddedTokens.Where(static token => token.IsPlainText));
        _controlTokens = new(definition.AddedTokens.Where(static token => !token.IsPlainText));
        _specialIds = [.. definition.AddedTokens.Where(static token => token.IsSpecial).Select(static token => token.Id)];
        _controlIds = [.. definition.AddedTokens.Where(static token => !token.IsPlainText).Select(static token => token.Id)];
        _byteValues = new short[definition.Pieces.Count];
        _unknownId = definition.UnknownPiece is { } unknown && TryGetId(unknown, out var id) ? id : -1;
        _mapsSpace = definition.Replacements is [(" ", "▁")];
        FillCharacterIds();
        FillByteIds();
        LongestPieceBytes = Enumerable.Range(0, VocabularySize).Max(id => definition.Pieces.GetPiece(id).Length);
        _splitsBeforeSpaceMark = NoMergeCrossesSpaceMark();
    }

    /// <summary>One more than the highest token id.</summary>
    public int VocabularySize => _definition.Pieces.Count;

    /// <summary>Length of the longest piece in UTF-8: no token stands for more characters than that.</summary>
    public int LongestPieceBytes { get; }

    /// <summary>Ids that belong before a sequence (usually bos), from the file's post-processor.</summary>
    public IReadOnlyList<int> Prefix => _definition.Prefix;

    /// <summary>Ids that belong after a sequence (often none or eos), from the file's post-processor.</summary>
    public IReadOnlyList<int> Suffix => _definition.Suffix;

    /// <summary>Loads tokenizer.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFolderException">The file is missing, not JSON, or needs something this tokenizer does not do.</exception>
    public static BpeTokenizer Load(string path)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        var file = Path.GetFileName(path);
        try
        {
            return new BpeTokenizer(TokenizerJsonReader.Read(File.ReadAllBytes(path)));
        }
        catch (IOException e)
        {
            throw new ModelFolderException(folder, file, "cannot be read: copy it from the model's repository", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ModelFolderException(folder, file, "may not be read: check its permissions", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new ModelFolderException(
                folder, file, $"is not a tokenizer that can be applied exactly ({e.Message.TrimEnd('.')}): copy it again from the model's repository", e);
        }
    }

    /// <summary>Finds the id of a piece or added token by its exact text, e.g. "&lt;bos&gt;".</summary>
    public bool TryGetId(string piece, out int id) => _definition.Pieces.TryGetId(Encoding.UTF8.GetBytes(piece), out id);

    /// <summary>A piece as the vocabulary spells it; empty for an id outside of it.</summary>
    internal string GetPiece(int token) => Encoding.UTF8.GetString(_definition.Pieces.GetPiece(token));

    /// <summary>Whether a token is marked special: control, never text.</summary>
    public bool IsSpecial(int token) => _specialIds.Contains(token);

    /// <summary>Whether text of a user never yields the token: it is special, or an export forgot to mark it so.</summary>
    internal bool IsControl(int token) => _controlIds.Contains(token);

    /// <summary>Appends the ids of plain text: control tokens spelled in it become ordinary text.</summary>
    /// <param name="text">Any UTF-16, lone surrogates (as U+FFFD) and NUL included.</param>
    /// <param name="tokens">Receives the ids; nothing is added before or after the text's own.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        while (true)
        {
            var (position, token) = _plainTokens.Find(text);
            if (token is null)
            {
                EncodeText(text, tokens);
                return;
            }

            EncodeText(text[..position], tokens);
            tokens.Add(token.Id);
            text = text[(position + token.Content.Length)..];
        }
    }

    /// <summary>Appends the ids of text that the server itself wrote: control tokens spelled in it are control tokens.</summary>
    /// <param name="text">Trusted text, such as the literal parts of a chat template; never text of a user.</param>
    /// <param name="tokens">Receives the ids.</param>
    public void EncodeTemplate(ReadOnlySpan<char> text, List<int> tokens)
    {
        var encoder = new TemplateEncoder(this, tokens);
        encoder.AppendTemplate(text);
        encoder.Complete();
    }

    /// <summary>The text of tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="tokens">Ids; those outside the vocabulary yield nothing.</param>
    /// <param name="skipSpecial">Whether special tokens yield nothing, rather than their own text.</param>
    public string Decode(ReadOnlySpan<int> tokens, bool skipSpecial = true)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, tokens.Length * 4));
        foreach (var token in tokens)
        {
            WriteBytes(token, skipSpecial, bytes);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Finds the first control token in trusted text.</summary>
    internal (int Position, AddedToken? Token) FindControlToken(ReadOnlySpan<char> text) => _controlTokens.Find(text);

    /// <summary>Writes the UTF-8 bytes that a token stands for, which may be a part of a character.</summary>
    internal void WriteBytes(int token, bool skipSpecial, IBufferWriter<byte> bytes)
    {
        if ((uint)token >= (uint)_byteValues.Length || (skipSpecial && _specialIds.Contains(token)))
        {
            return;
        }

        if (_byteValues[token] >= 0)
        {
            bytes.GetSpan(1)[0] = (byte)_byteValues[token];
            bytes.Advance(1);
            return;
        }

        var piece = _definition.Pieces.GetPiece(token);
        var mark = "▁"u8;
        while (_mapsSpace && piece.IndexOf(mark) is >= 0 and var position)
        {
            bytes.Write(piece[..position]);
            bytes.Write(" "u8);
            piece = piece[(position + mark.Length)..];
        }

        bytes.Write(piece);
    }
}
