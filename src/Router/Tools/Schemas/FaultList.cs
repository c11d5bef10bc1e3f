using System.Runtime.InteropServices;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What was found wrong with a value by one schema, and how far the value is from fitting it.</summary>
/// <param name="place">The value.</param>
/// <param name="capacity">How many faults are kept.</param>
internal sealed class FaultList(JsonDatum place, int capacity)
{
    private const int MostCounted = 16;

    private readonly List<Entry> _entries = [];
    private int _count;

    /// <summary>Small when the value was most likely meant for this schema.</summary>
    public int Distance { get; private set; }

    /// <summary>Whether nothing more need be said; a few more than are kept still count towards the distance.</summary>
    public bool IsFull => _count >= Math.Max(capacity, MostCounted);

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>What the value itself must be, when that is all that is wrong: "a string", or "one of 1 or 2".</summary>
    public string? Expected => _entries is [{ Expected: { } expected } only] && ReferenceEquals(only.Place, place) ? expected : null;

    public void Add(JsonDatum at, string message) => Add(new Entry(at, message, null), 1);

    /// <summary>Adds that a value must be what is <paramref name="expected"/> ("a string"), and whether not even its type is right.</summary>
    public void AddExpected(JsonDatum at, string expected, bool isType)
    {
        // A wrong type says that another schema was meant, and so does a wrong constant in a property, such as "kind".
        var distance = ReferenceEquals(at, place) ? (isType ? 1000 : 100) : !isType && ReferenceEquals(at.Parent, place) ? 100 : 1;
        Add(new Entry(at, $"must be {expected}; it is {JsonDisplay.Show(at)}", expected), distance);
    }

    /// <summary>Adds what another list found wrong with parts of the same value.</summary>
    public void AddAll(FaultList others)
    {
        foreach (var entry in others._entries)
        {
            Add(entry, 1);
        }
    }

    /// <summary>The faults in the order of the document.</summary>
    public IEnumerable<Entry> InOrder() => _entries.OrderBy(static entry => entry.Place.Ordinal); // stable

    private void Add(Entry entry, int distance)
    {
        Distance += distance;
        _count++;
        if (_entries.Count < capacity)
        {
            _entries.Add(entry);
        }
    }

    /// <summary>A fault; what is expected is null when that cannot be said in a few words.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Entry(JsonDatum Place, string Message, string? Expected);
}
