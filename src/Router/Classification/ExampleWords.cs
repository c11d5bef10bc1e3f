namespace RouterGateway.Router.Classification;

/// <summary>The words that the examples of a table's routes consist of: what tells routes apart that the embedding model has never heard of.</summary>
/// <remarks>
/// Words, pairs of words, and sequences of three characters within words, by TF-IDF of the examples. Measured on routes that nobody
/// trained, five examples each (training/EXPERIMENTS.md): banking77 from 66 to 72 %, hwu64 from 82 to 87 %.
/// </remarks>
internal sealed class ExampleWords
{
    private const float Length = 0.57f; // of each kind, beside an embedding of length 1: 0.8 together; 0.4 and 1.2 were worse
    private const int LongestWordGram = 2;
    private const int CharacterGram = 3;

    // Of so many examples, what few of them have costs the most time and tells the least.
    private const int ManyExamples = 1_000;
    private const int MostOfMany = 4_000; // of each kind

    private readonly TfIdf _grams;

    private ExampleWords(TfIdf grams) => _grams = grams;

    /// <summary>Number of features.</summary>
    public int Features => _grams.Features;

    /// <summary>Learns the words of examples; their order does not matter.</summary>
    public static ExampleWords Fit(IReadOnlyCollection<string> examples)
    {
        var (fewest, most) = examples.Count < ManyExamples ? (1, int.MaxValue) : (2, MostOfMany);
        return new ExampleWords(TfIdf.Fit(
            examples,
            new GramKind(static (text, ref grams) => WordGrams.FindWords(text, LongestWordGram, ref grams), fewest, most),
            new GramKind(static (text, ref grams) => WordGrams.FindCharacters(text, CharacterGram, CharacterGram, ref grams), fewest, most)));
    }

    /// <summary>Returns the known words of a text.</summary>
    public SparseVector Read(string text) => _grams.Transform(text, Length);
}
