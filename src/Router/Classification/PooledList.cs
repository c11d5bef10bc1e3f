using System.Buffers;

namespace RouterGateway.Router.Classification;

/// <summary>A list in a pooled array, so that the n-grams of a text cost no allocation; dispose it to give the array back.</summary>
/// <typeparam name="T">What it holds.</typeparam>
internal ref struct PooledList<T>
    where T : unmanaged
{
    private T[]? _items;

    /// <summary>What was added.</summary>
    public readonly Span<T> Items => _items.AsSpan(0, Count);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Appends an item.</summary>
    public void Add(T item)
    {
        if (Count == (_items?.Length ?? 0))
        {
            Grow();
        }

        _items![Count++] = item; // grown above when there was no room
    }

    /// <summary>Forgets the items and keeps the array.</summary>
    public void Clear() => Count = 0;

    /// <summary>Gives the array back.</summary>
    public void Dispose()
    {
        if (_items is not null)
        {
            ArrayPool<T>.Shared.Return(_items);
            (_items, Count) = (null, 0);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(64, Count * 2));
        Items.CopyTo(larger);
        if (_items is not null)
        {
            ArrayPool<T>.Shared.Return(_items);
        }

        _items = larger;
    }
}
