using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Reads a JSON value into <see cref="JsonDatum"/>, within limits.</summary>
internal ref struct JsonDatumReader
{
    private readonly int _maxDepth;
    private readonly int _maxValues;
    private Utf8JsonReader _json;
    private int _values;
    private JsonDatum? _place;
    private string? _fault;

    private JsonDatumReader(ReadOnlySpan<byte> utf8, int maxDepth, int maxValues)
    {
        // What the element was parsed with is unknown, and stands in its bytes; depth is checked here because the reader would throw.
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        (_maxDepth, _maxValues) = (maxDepth, maxValues);
    }

    /// <summary>Reads a value, or says what is wrong with it (the end of a sentence) and where (a JSON pointer, empty without a fault).</summary>
    public static bool TryRead(JsonElement element, int maxDepth, int maxValues, [NotNullWhen(true)] out JsonDatum? datum, out string place, [NotNullWhen(false)] out string? fault)
    {
        if (element.ValueKind == JsonValueKind.Undefined)
        {
            (datum, place, fault) = (null, "/", "is missing");
            return false;
        }

        var reader = new JsonDatumReader(JsonMarshal.GetRawUtf8Value(element), maxDepth, maxValues);
        reader._json.Read();
        var read = reader.Read(null, "", 0);
        fault = reader._fault;
        place = fault is null ? "" : reader._place?.Path ?? "/";
        datum = fault is null ? read : null;
        return fault is null;
    }

    private JsonDatum Read(JsonDatum? parent, string key, int depth)
    {
        var kind = KindOf(_json.TokenType);
        var text = kind is JsonValueKind.String ? JsonDisplay.Decode(_json.ValueSpan, _json.ValueIsEscaped)
            : kind is JsonValueKind.Number ? System.Text.Encoding.ASCII.GetString(_json.ValueSpan)
            : "";
        var datum = new JsonDatum
        {
            Kind = kind,
            Parent = parent,
            Key = key,
            Depth = depth,
            Ordinal = _values++,
            Text = text,
            Number = kind is JsonValueKind.Number ? JsonNumber.Parse(text) : null,
        };
        CheckLimits(depth);
        var (items, names) = (new List<JsonDatum>(), new List<string>());
        if (kind is JsonValueKind.Object && _fault is null)
        {
            ReadMembers(datum, items, names);
        }
        else if (kind is JsonValueKind.Array && _fault is null)
        {
            ReadItems(datum, items);
        }

        return datum.Close(items, names);
    }

    private void ReadItems(JsonDatum array, List<JsonDatum> items)
    {
        while (_fault is null && _json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Read(array, items.Count.ToString(CultureInfo.InvariantCulture), array.Depth + 1));
        }
    }

    private void ReadMembers(JsonDatum container, List<JsonDatum> items, List<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_fault is null && _json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonDisplay.Decode(_json.ValueSpan, _json.ValueIsEscaped);
            if (!seen.Add(name))
            {
                Fail(container, $"has {JsonDisplay.Quote(name)} twice; keep one"); // whoever reads it next might take the other one
                names.Clear();
                items.Clear();
                return;
            }

            _json.Read();
            names.Add(name);
            items.Add(Read(container, name, container.Depth + 1));
        }
    }

    private void CheckLimits(int depth)
    {
        if (_values > _maxValues)
        {
            Fail(null, $"has more than {_maxValues} values; make it smaller");
        }

        if (depth > _maxDepth)
        {
            Fail(null, $"is nested deeper than {_maxDepth} levels; make it flatter");
        }
    }

    private void Fail(JsonDatum? place, string fault)
    {
        _fault ??= fault;
        _place ??= place;
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => JsonValueKind.Object,
        JsonTokenType.StartArray => JsonValueKind.Array,
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };
}
