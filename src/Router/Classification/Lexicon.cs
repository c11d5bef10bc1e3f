using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RouterGateway.Inference;

namespace RouterGateway.Router.Classification;

/// <summary>What words, phrases and parts of words say, beside the embedding: a linear model on hashed n-grams, trained with the embedding
/// model (training/train_lexicon.py). Its logits are further features of the head, which learns from the examples what they are worth.</summary>
/// <remarks>What it adds: training/EXPERIMENTS.md.</remarks>
internal sealed class Lexicon
{
    /// <summary>The optional file in the folder of an embedding model.</summary>
    public const string FileName = "lexicon.bin";

    private const float LargestLogit = 4;
    private const float Gain = 0.08f; // of a logit, beside an embedding of length 1
    private const int HeaderBytes = 12;
    private const int LongestWordGram = 3;
    private const int ShortestCharacterGram = 3;
    private const int LongestCharacterGram = 5;

    private readonly float[] _bias;
    private readonly byte[] _file;
    private readonly int _buckets;

    private Lexicon(byte[] file, int buckets, int labels)
    {
        (_file, _buckets, Features) = (file, buckets, labels);
        _bias = Floats(0).ToArray();
    }

    /// <summary>Names its content.</summary>
    public string Hash => Digest.Of(_file).ToString();

    /// <summary>How many features it adds to an embedding.</summary>
    public int Features { get; }

    /// <summary>Loads the lexicon of a model folder; null when it has none.</summary>
    /// <exception cref="ModelFolderException">The file is not a lexicon.</exception>
    public static Lexicon? TryLoad(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var file = File.ReadAllBytes(path);
        var isLexicon = file.Length > HeaderBytes && file.AsSpan().StartsWith("LEX2"u8);
        var buckets = isLexicon ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)) : 0;
        var labels = isLexicon ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)) : 0;
        return buckets > 0 && labels is > 0 and < 1_000 && file.Length == HeaderBytes + (3L * labels * sizeof(float)) + (2L * buckets * labels)
            ? new Lexicon(file, buckets, labels)
            : throw new ModelFolderException(folder, FileName, "is not a lexicon: copy it again, or delete it");
    }

    /// <summary>Writes the features of a text.</summary>
    /// <param name="text">What the model reads.</param>
    /// <param name="features">Receives <see cref="Features"/> values.</param>
    public void Read(string text, Span<float> features)
    {
        Logits(text, features);
        foreach (ref var feature in features)
        {
            feature = Gain * Math.Clamp(feature, -LargestLogit, LargestLogit);
        }
    }

    /// <summary>Writes the logits of a text.</summary>
    internal void Logits(string text, Span<float> logits)
    {
        _bias.CopyTo(logits);
        var grams = new PooledList<ulong>();
        try
        {
            WordGrams.FindWords(text, LongestWordGram, ref grams);
            Add(grams.Items, kind: 0, logits);
            grams.Clear();
            WordGrams.FindCharacters(text, ShortestCharacterGram, LongestCharacterGram, ref grams);
            Add(grams.Items, kind: 1, logits);
        }
        finally
        {
            grams.Dispose();
        }
    }

    // The weights of the n-grams of a kind, as if their counts were scaled to length 1.
    private void Add(Span<ulong> grams, int kind, Span<float> logits)
    {
        foreach (ref var gram in grams)
        {
            gram = (ulong)WordGrams.Bucket(gram, _buckets);
        }

        grams.Sort();
        Span<int> sums = stackalloc int[Features];
        sums.Clear();
        var (length, run) = (0.0, 0);
        var weights = MemoryMarshal.Cast<byte, sbyte>(_file.AsSpan(HeaderBytes + (3 * Features * sizeof(float)) + (kind * _buckets * Features), _buckets * Features));
        for (var i = 0; i < grams.Length; i++)
        {
            run = i > 0 && grams[i] == grams[i - 1] ? run + 1 : 1;
            length += (2 * run) - 1; // the squares of counts, one occurrence at a time
            var row = weights.Slice((int)grams[i] * Features, Features);
            for (var label = 0; label < row.Length; label++)
            {
                sums[label] += row[label];
            }
        }

        var unit = grams.Length == 0 ? 0 : 1 / Math.Sqrt(length);
        var scale = Floats(1 + kind);
        for (var label = 0; label < Features; label++)
        {
            logits[label] += (float)(scale[label] * sums[label] * unit);
        }
    }

    private ReadOnlySpan<float> Floats(int row) =>
        MemoryMarshal.Cast<byte, float>(_file.AsSpan(HeaderBytes + (row * Features * sizeof(float)), Features * sizeof(float)));
}
