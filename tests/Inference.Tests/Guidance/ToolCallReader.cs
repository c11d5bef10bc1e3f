using System.Text;
using System.Text.Json.Nodes;

namespace RouterGateway.Inference.Tests.Guidance;

/// <summary>Reads calls of tools from tokens, by the book.</summary>
internal sealed class ToolCallReader
{
    private const char Quote = '\uE000';
    private const char Open = '\uE001';
    private const char Close = '\uE002';

    private readonly string _text;
    private int _position;

    private ToolCallReader(string text) => _text = text;

    public static List<(string Name, JsonObject Arguments)> Read(IEnumerable<int> tokens)
    {
        var reader = new ToolCallReader(ToText(tokens));
        var calls = new List<(string, JsonObject)>();
        while (reader._position < reader._text.Length)
        {
            reader.Expect($"{Open}call:");
            var name = reader.Until("{");
            calls.Add((name, reader.ReadObject()));
            reader.Expect($"{Close}");
        }

        return calls;
    }

    private static string ToText(IEnumerable<int> tokens)
    {
        var text = new StringBuilder();
        var plain = new List<int>();
        foreach (var token in tokens.Append(GuidedSampler.End))
        {
            if (GuidedSampler.Tokenizer.IsSpecial(token))
            {
                var part = GuidedSampler.Tokenizer.Decode(plain.ToArray());
                Assert.DoesNotContain('\uFFFD', part);
                text.Append(part);
                plain.Clear();
                text.Append(token == GuidedSampler.Quote ? Quote : token == GuidedSampler.OpenCall ? Open : token == GuidedSampler.CloseCall ? Close : "");
            }
            else
            {
                plain.Add(token);
            }
        }

        return text.ToString();
    }

    private JsonObject ReadObject()
    {
        var value = new JsonObject();
        var last = "";
        Expect("{");
        while (_text[_position] != '}')
        {
            var key = Until(":");
            Assert.True(string.Compare(last, key, StringComparison.OrdinalIgnoreCase) <= 0 || value.Count == 0 || !value.ContainsKey(key));
            last = key;
            Expect(":");
            value[key] = ReadValue();
            _position += _text[_position] == ',' ? 1 : 0;
        }

        Expect("}");
        return value;
    }

    private JsonNode? ReadValue()
    {
        switch (_text[_position])
        {
            case '{':
                return ReadObject();
            case '[':
                var items = new JsonArray();
                Expect("[");
                while (_text[_position] != ']')
                {
                    items.Add(ReadValue());
                    _position += _text[_position] == ',' ? 1 : 0;
                }

                Expect("]");
                return items;
            case Quote:
                Expect($"{Quote}");
                var text = Until($"{Quote}");
                Expect($"{Quote}");
                return JsonValue.Create(text);
            default:
                return JsonNode.Parse(Until(",]}"));
        }
    }

    private string Until(string ends)
    {
        var end = _text.AsSpan(_position).IndexOfAny(ends);
        Assert.True(end >= 0, _text);
        _position += end;
        return _text[(_position - end).._position];
    }

    private void Expect(string text)
    {
        Assert.True(_text.AsSpan(_position).StartsWith(text), $"{text} expected at {_position} of {_text}");
        _position += text.Length;
    }
}
