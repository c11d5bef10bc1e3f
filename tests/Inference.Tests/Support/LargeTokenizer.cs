using System.Text.Json;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>Writes a tokenizer.json with as many pieces as Gemma's.</summary>
internal static class LargeTokenizer
{
    /// <summary>Writes the file and returns a text that it can encode.</summary>
    public static string Write(string path, int pieces)
    {
        var random = new Random(3);
        var vocabulary = new List<string>();
        var known = new HashSet<string>();
        var merges = new List<(string, string)>();
        foreach (var c in "▁abcdefghijklmnopqrstuvwxyz")
        {
            vocabulary.Add(c.ToString());
            known.Add(c.ToString());
        }

        while (vocabulary.Count < pieces)
        {
            var (left, right) = (vocabulary[random.Next(vocabulary.Count)], vocabulary[random.Next(vocabulary.Count)]);
            if (!right.Contains('▁') && left.Length + right.Length < 14)
            {
                merges.Add((left, right));
                if (known.Add(left + right))
                {
                    vocabulary.Add(left + right);
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
