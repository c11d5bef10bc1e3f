using System.Runtime.CompilerServices;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Tools by their words. Immutable; one for all owners, whose views pick their own from it.</summary>
internal sealed class ToolWordIndex
{
    // Of sequences of three characters; chosen on the half "tune" of tests/Golden/tools. Values near them do as well; 2 for K1 and 0.5 for B do worse.
    private const double K1 = 0.9;
    private const double B = 0.75;

    private readonly ConditionalWeakTable<ToolView, ViewPlaces> _places = [];
    private readonly Dictionary<string, int> _byHash;

    public ToolWordIndex(IReadOnlyList<ToolDocument> documents)
    {
        Documents = documents;
        _byHash = documents.Select(static (document, number) => (document.Hash, number)).ToDictionary(StringComparer.Ordinal);
        Grams = TermIndex.Bm25([.. documents.Select(static document => document.Grams)], K1, B);
        Names = TermIndex.Coverage([.. documents.Select(static document => document.NameStems)]);
    }

    public static ToolWordIndex Empty { get; } = new([]);

    public IReadOnlyList<ToolDocument> Documents { get; }

    public TermIndex Grams { get; }

    public TermIndex Names { get; }

    /// <summary>Where the tools of a view are.</summary>
    public ViewPlaces PlacesOf(ToolView view) => _places.TryGetValue(view, out var places) ? places : _places.GetValue(view, FindPlaces);

    private ViewPlaces FindPlaces(ToolView view) => new([.. view.Tools.Select(tool => _byHash.GetValueOrDefault(tool.Hash, ViewPlaces.Unknown))]);
}
