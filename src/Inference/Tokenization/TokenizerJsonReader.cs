using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Tokenization;

/// <summary>Reads tokenizer.json of Hugging Face tokenizers, as far as Gemma's BPE needs it.</summary>
// The vocabulary and the merges (half a million strings) are read straight from UTF-8 without a string per entry; the
// small parts go through JsonElement.
internal static partial class TokenizerJsonReader
{
    /// <summary>Reads the file's content.</summary>
    /// <exception cref="JsonException">It is not JSON, or not a tokenizer that this engine can apply exactly.</exception>
    public static TokenizerDefinition Read(ReadOnlySpan<byte> json)
    {
        var bom = Encoding.UTF8.Preamble;
        var reader = new Utf8JsonReader(json.StartsWith(bom) ? json[bom.Length..] : json);
        var definition = new TokenizerDefinition();
        var postProcessor = default(JsonElement);
        var hasModel = false;
        Expect(ref reader, JsonTokenType.StartObject);
        while (ReadProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "model": ReadModel(ref reader, definition); hasModel = true; break;
                case "added_tokens": ReadAddedTokens(JsonElement.ParseValue(ref reader), definition); break;
                case "normalizer": ReadNormalizer(JsonElement.ParseValue(ref reader), definition); break;
                case "pre_tokenizer": CheckPreTokenizer(JsonElement.ParseValue(ref reader)); break;
                case "post_processor": postProcessor = JsonElement.ParseValue(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        if (!hasModel)
        {
            throw new JsonException("it has no \"model\"");
        }

        foreach (var token in definition.AddedTokens)
        {
            definition.Pieces.Add(Encoding.UTF8.GetBytes(token.Content), token.Id);
        }

        ReadPostProcessor(postProcessor, definition);
        return definition;
    }

    private static void ReadAddedTokens(JsonElement element, TokenizerDefinition definition)
    {
        Require(element.ValueKind is JsonValueKind.Array or JsonValueKind.Null, "\"added_tokens\" is not an array");
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var token in element.EnumerateArray())
            {
                definition.AddedTokens.Add(new AddedToken(
                    GetProperty(token, "id", JsonValueKind.Number).GetInt32(),
                    GetProperty(token, "content", JsonValueKind.String).GetString()!,
                    token.TryGetProperty("special", out var special) && special.ValueKind == JsonValueKind.True,
                    token.TryGetProperty("normalized", out var normalized) && normalized.ValueKind == JsonValueKind.True));
            }
        }
    }

    private static void ReadNormalizer(JsonElement element, TokenizerDefinition definition)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        switch (GetProperty(element, "type", JsonValueKind.String).GetString())
        {
            case "Sequence":
                foreach (var part in GetProperty(element, "normalizers", JsonValueKind.Array).EnumerateArray())
                {
                    ReadNormalizer(part, definition);
                }

                break;
            case "Replace":
                var from = GetProperty(GetProperty(element, "pattern", JsonValueKind.Object), "String", JsonValueKind.String).GetString()!;
                definition.Replacements.Add((from, GetProperty(element, "content", JsonValueKind.String).GetString()!));
                break;
            case var type:
                throw new JsonException($"normalizer \"{type}\" is not supported");
        }
    }

    // Splitting at spaces is what Gemma's file says, and after its normalizer there are no spaces left.
    private static void CheckPreTokenizer(JsonElement element)
    {
        var isSplitAtSpace = element.ValueKind == JsonValueKind.Object
            && GetProperty(element, "type", JsonValueKind.String).ValueEquals("Split"u8)
            && element.TryGetProperty("pattern", out var pattern)
            && pattern.TryGetProperty("String", out var text)
            && text.ValueEquals(" "u8);
        Require(element.ValueKind == JsonValueKind.Null || isSplitAtSpace, "this pre-tokenizer is not supported");
    }

    private static void ReadPostProcessor(JsonElement element, TokenizerDefinition definition)
    {
        if (element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return;
        }

        switch (GetProperty(element, "type", JsonValueKind.String).GetString())
        {
            case "Sequence":
                foreach (var part in GetProperty(element, "processors", JsonValueKind.Array).EnumerateArray())
                {
                    ReadPostProcessor(part, definition);
                }

                break;
            case "TemplateProcessing":
                ReadTemplate(element, definition);
                break;
            case var type:
                throw new JsonException($"post-processor \"{type}\" is not supported");
        }
    }

    private static void ReadTemplate(JsonElement element, TokenizerDefinition definition)
    {
        var specials = GetProperty(element, "special_tokens", JsonValueKind.Object);
        var target = definition.Prefix;
        foreach (var item in GetProperty(element, "single", JsonValueKind.Array).EnumerateArray())
        {
            if (item.TryGetProperty("Sequence", out _))
            {
                target = definition.Suffix;
                continue;
            }

            var id = GetProperty(GetProperty(item, "SpecialToken", JsonValueKind.Object), "id", JsonValueKind.String).GetString()!;
            foreach (var token in GetProperty(GetProperty(specials, id, JsonValueKind.Object), "ids", JsonValueKind.Array).EnumerateArray())
            {
                target.Add(token.GetInt32());
            }
        }
    }

    private static JsonElement GetProperty(JsonElement element, string name, JsonValueKind kind)
    {
        Require(
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind,
            $"\"{name}\" is missing or not of kind {kind}");
        return element.GetProperty(name);
    }

    private static bool ReadProperty(ref Utf8JsonReader reader, out string name)
    {
        name = "";
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        name = reader.GetString()!;
        return reader.Read();
    }

    private static bool ReadBoolean(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.True;

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"{type} expected");
        }
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new JsonException(problem);
        }
    }
}
