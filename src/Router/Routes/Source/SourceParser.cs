using System.Text;
using System.Text.Json;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Parses JSON with comments and trailing commas into nodes that know their place.</summary>
internal ref struct SourceParser
{
    private readonly FaultList _faults;
    private readonly int _bom;
    private Utf8JsonReader _reader;

    private SourceParser(byte[] bytes, FaultList faults)
    {
        _faults = faults;
        _bom = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        _reader = new Utf8JsonReader(
            bytes.AsSpan(_bom),
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 });
    }

    /// <summary>Parses a file.</summary>
    /// <param name="bytes">UTF-8, with or without byte order mark.</param>
    /// <param name="faults">Receives the syntax fault and duplicate keys.</param>
    /// <param name="root">What could be read, up to the syntax fault if there is one; null when that is nothing.</param>
    /// <returns>False when the file is not JSON.</returns>
    public static bool TryParse(byte[] bytes, FaultList faults, out SourceNode? root)
    {
        root = null;
        var invalid = SourceBytes.FirstInvalidUtf8(bytes);
        if (invalid >= 0)
        {
            faults.AddAt(invalid, "", "is not UTF-8 text");
            return false;
        }

        var parser = new SourceParser(bytes, faults);
        try
        {
            parser._reader.Read();
            root = parser.Create();
            parser.Fill(root, "");
            parser._reader.Read();
            return true;
        }
        catch (JsonException fault)
        {
            var offset = faults.OffsetOf(fault.LineNumber ?? 0, (fault.BytePositionInLine ?? 0) + (fault.LineNumber is null or 0 ? parser._bom : 0));
            faults.AddAt(offset, "", "is not JSON: " + WithoutPlace(fault.Message));
            return false;
        }
    }

    private static string WithoutPlace(string message)
    {
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return FaultPath.Printable((place < 0 ? message : message[..place]).TrimEnd('.').Replace('"', '\''));
    }

    private SourceNode Create() => new()
    {
        Kind = _reader.TokenType switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        },
        Offset = Offset,
        Text = _reader.TokenType switch
        {
            JsonTokenType.String => Text(),
            JsonTokenType.Number => Encoding.UTF8.GetString(_reader.ValueSpan),
            _ => "",
        },
    };

    private readonly int Offset => (int)_reader.TokenStartIndex + _bom;

    private void Fill(SourceNode node, string path)
    {
        _faults.Place(path, node.Offset);
        while (node.Kind == JsonValueKind.Object && _reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var (key, keyOffset) = (Text(), Offset);
            var memberPath = FaultPath.Member(path, key);
            _reader.Read();
            var value = Create();
            if (node.Properties.Any(p => p.Name == key))
            {
                _faults.AddAt(keyOffset, memberPath, $"key \"{FaultPath.Printable(key)}\" appears twice");
            }
            else
            {
                node.Properties.Add(new SourceProperty(key, keyOffset, value));
            }

            Fill(value, memberPath);
        }

        while (node.Kind == JsonValueKind.Array && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var item = Create();
            node.Items.Add(item);
            Fill(item, FaultPath.Item(path, node.Items.Count - 1));
        }
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            _faults.AddAt(Offset, "", "holds half of a surrogate pair (\\ud800 to \\udfff alone)");
            return "";
        }
    }
}
