namespace RouterGateway.Router.Classification;

/// <summary>A kind of n-grams, and which of them become features.</summary>
/// <param name="Find">Finds the n-grams of a text.</param>
/// <param name="FewestTexts">In how many texts an n-gram must be, 1 or more.</param>
/// <param name="Most">How many features at most: the n-grams that are there most often.</param>
internal readonly record struct GramKind(GramKind.Finder Find, int FewestTexts = 1, int Most = int.MaxValue)
{
    /// <summary>Adds the n-grams of a text as hashes, repeated ones repeatedly.</summary>
    public delegate void Finder(string text, ref PooledList<ulong> grams);
}
