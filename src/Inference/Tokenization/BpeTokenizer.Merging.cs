using System.Globalization;
using System.Text;

namespace RouterGateway.Inference.Tokenization;

public sealed partial class BpeTokenizer
{
    [ThreadStatic]
    private static BpeWorkspace? _workspace;

    private void EncodeText(ReadOnlySpan<char> text, List<int> tokens)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (!_mapsSpace && _definition.Replacements.Count > 0)
        {
            var normalized = text.ToString();
            foreach (var (from, to) in _definition.Replacements)
            {
                normalized = normalized.Replace(from, to, StringComparison.Ordinal);
            }

            text = normalized;
        }

        if (_definition.IgnoreMerges && TryEncodeWhole(text, tokens))
        {
            return;
        }

        var workspace = _workspace ?? new BpeWorkspace();
        _workspace = null; // taken
        workspace.Clear();
        var afterMark = true;
        foreach (var rune in text.EnumerateRunes()) // a lone surrogate comes as U+FFFD
        {
            var isMark = rune.Value == SpaceMark || (rune.Value == ' ' && _mapsSpace);
            if (isMark && !afterMark && _splitsBeforeSpaceMark)
            {
                workspace.Merge(_definition.Merges, tokens);
            }

            AddSymbols(isMark ? new Rune(SpaceMark) : rune, workspace);
            afterMark = isMark;
        }

        workspace.Merge(_definition.Merges, tokens);
        _workspace = workspace.IsLarge ? null : workspace;
    }

    private void AddSymbols(Rune rune, BpeWorkspace workspace)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var id = rune.IsBmp ? _characterIds[rune.Value] : -1;
        if (id < 0)
        {
            utf8 = utf8[..rune.EncodeToUtf8(utf8)];
            if (!rune.IsBmp && _definition.Pieces.TryGetId(utf8, out var supplementary))
            {
                id = supplementary;
            }
        }

        if (id >= 0)
        {
            workspace.Add(id);
        }
        else if (_definition.ByteFallback && HasByteIds(utf8))
        {
            foreach (var value in utf8)
            {
                workspace.Add(_byteIds[value]);
            }
        }
        else if (_unknownId >= 0 && !(_definition.FuseUnknown && workspace.Count > 0 && workspace.Last == _unknownId))
        {
            workspace.Add(_unknownId);
        }
    }

    private bool HasByteIds(ReadOnlySpan<byte> utf8)
    {
        foreach (var value in utf8)
        {
            if (_byteIds[value] < 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryEncodeWhole(ReadOnlySpan<char> text, List<int> tokens)
    {
        var whole = _mapsSpace ? text.ToString().Replace(' ', SpaceMark) : text.ToString();
        if (!TryGetId(whole, out var id))
        {
            return false;
        }

        tokens.Add(id);
        return true;
    }

    private void FillCharacterIds()
    {
        Array.Fill(_characterIds, -1);
        for (var id = 0; id < VocabularySize; id++)
        {
            var piece = _definition.Pieces.GetPiece(id);
            if (piece.Length is > 0 and <= 3
                && Rune.DecodeFromUtf8(piece, out var rune, out var length) == System.Buffers.OperationStatus.Done
                && length == piece.Length
                && _definition.Pieces.TryGetId(piece, out var current))
            {
                _characterIds[rune.Value] = current;
            }
        }
    }

    private void FillByteIds()
    {
        Array.Fill(_byteValues, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            var found = TryGetId(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), out var id);
            _byteIds[value] = found ? id : -1;
            if (found && _definition.ByteFallback)
            {
                _byteValues[id] = (short)value;
            }
        }
    }

    // Text may be cut before a space mark that follows another character if no merge yields a piece with such a place
    // inside: then no merge ever crosses the cut, and the parts encode as the whole does.
    private bool NoMergeCrossesSpaceMark()
    {
        var mark = "▁"u8;
        foreach (var merged in _definition.Merges.Results)
        {
            var rest = _definition.Pieces.GetPiece(merged);
            while (rest.StartsWith(mark))
            {
                rest = rest[mark.Length..];
            }

            if (rest.IndexOf(mark) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
