using System.Text.Json;

namespace RouterGateway.Inference.Tokenization;

internal static partial class TokenizerJsonReader
{
    private static void ReadModel(ref Utf8JsonReader reader, TokenizerDefinition definition)
    {
        var merges = default(Utf8JsonReader);
        var hasMerges = false;
        Require(reader.TokenType == JsonTokenType.StartObject, "\"model\" is not an object");
        while (ReadProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "type": Require(reader.ValueTextEquals("BPE"u8), "only BPE models are supported"); break;
                case "unk_token": definition.UnknownPiece = reader.GetString(); break;
                case "fuse_unk": definition.FuseUnknown = ReadBoolean(ref reader); break;
                case "byte_fallback": definition.ByteFallback = ReadBoolean(ref reader); break;
                case "ignore_merges": definition.IgnoreMerges = ReadBoolean(ref reader); break;
                case "continuing_subword_prefix" or "end_of_word_suffix":
                    Require(reader.TokenType == JsonTokenType.Null || reader.ValueTextEquals(""u8), $"\"{name}\" is not supported");
                    break;
                case "vocab": ReadVocabulary(ref reader, definition); break;
                case "merges":
                    merges = reader; // may stand before the vocabulary it refers to: read afterwards
                    hasMerges = true;
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        Require(definition.Pieces.Count > 0, "\"model.vocab\" is missing or empty");
        if (hasMerges)
        {
            ReadMerges(ref merges, definition);
        }
    }

    private static void ReadVocabulary(ref Utf8JsonReader reader, TokenizerDefinition definition)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "\"model.vocab\" is not an object");
        var buffer = new byte[1024];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var length = CopyString(ref reader, ref buffer);
            reader.Read();
            Require(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _), "an id in \"model.vocab\" is not an integer");
            definition.Pieces.Add(buffer.AsSpan(0, length), reader.GetInt32());
        }
    }

    private static void ReadMerges(ref Utf8JsonReader reader, TokenizerDefinition definition)
    {
        Require(reader.TokenType == JsonTokenType.StartArray, "\"model.merges\" is not an array");
        var buffer = new byte[2048];
        for (var rank = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; rank++)
        {
            int leftLength, length;
            if (reader.TokenType == JsonTokenType.StartArray) // ["a","b"]
            {
                Expect(ref reader, JsonTokenType.String);
                leftLength = CopyString(ref reader, ref buffer);
                Expect(ref reader, JsonTokenType.String);
                length = leftLength + CopyString(ref reader, ref buffer, leftLength);
                Expect(ref reader, JsonTokenType.EndArray);
            }
            else // "a b"
            {
                Require(reader.TokenType == JsonTokenType.String, "a merge is neither a pair nor a string");
                length = CopyString(ref reader, ref buffer);
                leftLength = buffer.AsSpan(0, length).IndexOf((byte)' ');
                Require(leftLength > 0, "a merge has no space");
                buffer.AsSpan(leftLength + 1, length - leftLength - 1).CopyTo(buffer.AsSpan(leftLength));
                length--;
            }

            var pieces = definition.Pieces;
            var left = -1;
            var right = -1;
            var merged = -1;
            var known = pieces.TryGetId(buffer.AsSpan(0, leftLength), out left)
                && pieces.TryGetId(buffer.AsSpan(leftLength, length - leftLength), out right)
                && pieces.TryGetId(buffer.AsSpan(0, length), out merged);
            if (!known)
            {
                throw new JsonException($"merge {rank} uses a piece that is not in the vocabulary");
            }

            definition.Merges.Add(left, right, rank, merged);
        }
    }

    private static int CopyString(ref Utf8JsonReader reader, ref byte[] buffer, int offset = 0)
    {
        var length = reader.HasValueSequence ? (int)reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (buffer.Length - offset < length)
        {
            Array.Resize(ref buffer, (offset + length) * 2);
        }

        return reader.CopyString(buffer.AsSpan(offset));
    }
}
