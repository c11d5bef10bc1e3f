using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A JSON value read once for being looked at many times: decoded, hashed, and knowing its place.</summary>
/// <remarks>
/// <see cref="JsonElement"/> decodes and searches anew at each look, and throws at half of a surrogate pair, which models do write.
/// </remarks>
internal sealed class JsonDatum : IEquatable<JsonDatum>
{
    // Below it a scan is as fast as a dictionary and costs nothing to make.
    private const int MostScannedNames = 8;

    private Dictionary<string, int>? _indexes;
    private int _hash;

    public required JsonValueKind Kind { get; init; }

    /// <summary>The object or array that it stands in; null for the root.</summary>
    public JsonDatum? Parent { get; init; }

    /// <summary>Its name in <see cref="Parent"/>, or the number of its place there.</summary>
    public string Key { get; init; } = "";

    /// <summary>How many objects and arrays it stands in.</summary>
    public int Depth { get; init; }

    /// <summary>Its number when all values are counted in the order of the text.</summary>
    public int Ordinal { get; init; }

    /// <summary>A string's text, in which halves of surrogate pairs may stand, or a number as it was written.</summary>
    public string Text { get; init; } = "";

    /// <summary>Null for what is no number.</summary>
    public JsonNumber? Number { get; init; }

    /// <summary>An array's items or the values of an object's members.</summary>
    public JsonDatum[] Items { get; private set; } = [];

    /// <summary>The names of an object's members, in step with <see cref="Items"/>.</summary>
    public string[] Names { get; private set; } = [];

    /// <summary>A string's characters, counted as JSON Schema does: by code points.</summary>
    public int Characters { get; private set; }

    /// <summary>How many values it consists of, itself among them.</summary>
    public int Size { get; private set; } = 1;

    public bool IsObject => Kind == JsonValueKind.Object;

    public bool IsArray => Kind == JsonValueKind.Array;

    public bool IsString => Kind == JsonValueKind.String;

    public string Path
    {
        get
        {
            var keys = new Stack<string>();
            for (var at = this; at.Parent is not null; at = at.Parent)
            {
                keys.Push(JsonDisplay.PointerKey(at.Key));
            }

            return "/" + string.Join('/', keys);
        }
    }

    /// <summary>Completes a value whose parts are known.</summary>
    public JsonDatum Close(List<JsonDatum> items, List<string> names)
    {
        Items = [.. items];
        Names = [.. names];
        Size = 1 + items.Sum(static item => item.Size);
        Characters = IsString ? CountCharacters(Text) : 0;
        if (Names.Length > MostScannedNames)
        {
            _indexes = Names.Select(static (name, index) => (name, index)).ToDictionary(static entry => entry.name, static entry => entry.index, StringComparer.Ordinal);
        }

        _hash = Hash();
        return this;
    }

    /// <returns>The place of a member in <see cref="Items"/>; -1 when there is none.</returns>
    public int IndexOf(string name) => _indexes is null ? Array.IndexOf(Names, name) : _indexes.GetValueOrDefault(name, -1);

    /// <returns>The member's value; null when there is none.</returns>
    public JsonDatum? Find(string name) => IndexOf(name) is var index and >= 0 ? Items[index] : null;

    public override bool Equals(object? obj) => obj is JsonDatum other && Equals(other);

    public override int GetHashCode() => _hash;

    public bool Equals(JsonDatum? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || _hash != other._hash || Kind != other.Kind || Items.Length != other.Items.Length)
        {
            return false;
        }

        return Kind switch
        {
            JsonValueKind.Object => HasEqualMembers(other),
            JsonValueKind.Array => Items.AsSpan().SequenceEqual(other.Items),
            JsonValueKind.Number => Number == other.Number,
            _ => Text == other.Text,
        };
    }

    private static int CountCharacters(string text)
    {
        var characters = 0;
        foreach (var _ in text.EnumerateRunes()) // half of a pair counts as one
        {
            characters++;
        }

        return characters;
    }

    private bool HasEqualMembers(JsonDatum other)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (other.Find(Names[i]) is not { } value || !Items[i].Equals(value))
            {
                return false;
            }
        }

        return true;
    }

    private int Hash()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        if (IsObject)
        {
            var members = 0; // in any order
            for (var i = 0; i < Names.Length; i++)
            {
                members = unchecked(members + HashCode.Combine(Names[i], Items[i]._hash));
            }

            hash.Add(members);
            return hash.ToHashCode();
        }

        foreach (var item in Items)
        {
            hash.Add(item._hash);
        }

        hash.Add(Number);
        hash.Add(Number is null ? Text : "");
        return hash.ToHashCode();
    }
}
