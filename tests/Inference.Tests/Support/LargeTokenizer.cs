using System.Text.Json;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>Writes a tokenizer.json with as many pieces as Gemma's.</summary>
internal static class LargeTokenizer
{
    /// <summary>Writes the file and returns a text that it can encode.</summary>
    public static string Write(string path, int pieces)
    {
        // Every piece is a shorter one and a letter; of each, one merge more splits it elsewhere, as in Gemma's file.
        const string Letters = "▁abcdefghijklmnopqrstuvwxyz";
        var vocabulary = Letters.Select(static letter => letter.ToString()).ToList();
        var merges = new List<(string, string)>();
        for (var i = 0; vocabulary.Count < pieces; i++)
        {
            foreach (var letter in Letters[1..].Take(pieces - vocabulary.Count))
            {
                vocabulary.Add(vocabulary[i] + letter);
                merges.Add((vocabulary[i], letter.ToString()));
                if (vocabulary[i].Length > 1)
                {
                    merges.Add((vocabulary[i][..1], vocabulary[i][1..] + letter));
                }
            }
        }

        using var stream = File.Create(path);
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WritePropertyName("normalizer");
        writer.WriteRawValue("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""");
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Count; id++)
        {
            writer.WriteNumber(vocabulary[id], id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var (left, right) in merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        return "the quick brown fox jumps over the lazy dog " + vocabulary[^1].Replace('▁', ' ');
    }
}
