using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>BPE as the papers tell it, in quadratic time: the yardstick for the fast one.</summary>
internal static class NaiveBpe
{
    private static readonly Dictionary<string, (Dictionary<string, int> Vocabulary, Dictionary<(string, string), int> Ranks)> _loaded = [];

    public static int[] Encode(string folder, string text)
    {
        var (vocabulary, ranks) = Load(folder);
        var symbols = new List<string>();
        foreach (var rune in text.Replace(' ', '▁').EnumerateRunes())
        {
            var piece = rune.ToString();
            symbols.AddRange(vocabulary.ContainsKey(piece) ? [piece] : Encoding.UTF8.GetBytes(piece).Select(static value => $"<0x{value:X2}>"));
        }

        while (true)
        {
            var best = (Rank: int.MaxValue, Position: -1);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best.Rank)
                {
                    best = (rank, i);
                }
            }

            if (best.Position < 0)
            {
                return [.. symbols.Select(symbol => vocabulary[symbol])];
            }

            symbols[best.Position] += symbols[best.Position + 1];
            symbols.RemoveAt(best.Position + 1);
        }
    }

    private static (Dictionary<string, int> Vocabulary, Dictionary<(string, string), int> Ranks) Load(string folder)
    {
        lock (_loaded)
        {
            if (!_loaded.TryGetValue(folder, out var entry))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
                var model = document.RootElement.GetProperty("model");
                var ranks = new Dictionary<(string, string), int>();
                foreach (var merge in model.GetProperty("merges").EnumerateArray())
                {
                    var pair = merge.ValueKind == JsonValueKind.String
                        ? merge.GetString()!.Split(' ')
                        : [merge[0].GetString()!, merge[1].GetString()!];
                    ranks[(pair[0], pair[1])] = ranks.Count;
                }

                entry = (model.GetProperty("vocab").EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetInt32()), ranks);
                _loaded[folder] = entry;
            }

            return entry;
        }
    }
}
