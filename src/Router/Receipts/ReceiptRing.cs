namespace RouterGateway.Router.Receipts;

/// <summary>The newest receipts of this process. Receipts are numbered as they come; number n lies in slot n modulo capacity.</summary>
internal sealed class ReceiptRing
{
    private const int PageReceipts = 1024; // so many are copied under the lock at a time

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DecisionReceipt> _byId = new(StringComparer.Ordinal);
    private DecisionReceipt[] _slots = [];
    private long _first; // number of the oldest that is kept
    private long _next;
    private long _firstWithText; // none before it has text
    private long _textCharacters;
    private long _mostTextCharacters;

    /// <summary>Receipts that are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return (int)(_next - _first);
            }
        }
    }

    /// <summary>Sets the bounds; what is over them goes, oldest first.</summary>
    /// <param name="capacity">Most receipts.</param>
    /// <param name="mostTextCharacters">Most characters of text; beyond it the oldest receipts lose theirs.</param>
    public void Limit(int capacity, long mostTextCharacters)
    {
        lock (_lock)
        {
            if (capacity != _slots.Length)
            {
                Resize(capacity);
            }

            _mostTextCharacters = mostTextCharacters;
            TrimText();
        }
    }

    /// <summary>Adds a receipt in place of the oldest when there are enough.</summary>
    public void Add(DecisionReceipt receipt)
    {
        lock (_lock)
        {
            if (_slots.Length == 0)
            {
                return;
            }

            if (_next - _first == _slots.Length)
            {
                DropFirst();
            }

            Slot(_next++) = receipt;
            _byId[receipt.Id] = receipt;
            _textCharacters += TextCharacters(receipt);
            TrimText();
        }
    }

    /// <summary>Returns the receipt of a decision; null when it is not kept any more.</summary>
    public DecisionReceipt? Find(string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>Returns the newest receipts that match, newest first.</summary>
    public List<DecisionReceipt> List(ReceiptFilter filter)
    {
        var found = new List<DecisionReceipt>();
        var page = new DecisionReceipt[PageReceipts];
        var before = long.MaxValue;
        for (var copied = Copy(page, ref before); copied > 0 && found.Count < filter.Limit; copied = Copy(page, ref before))
        {
            found.AddRange(page.Take(copied).Where(filter.Matches).Take(filter.Limit - found.Count));
        }

        return found;
    }

    // Copies the newest receipts before a number, newest first, and moves the number down.
    private int Copy(DecisionReceipt[] page, ref long before)
    {
        lock (_lock)
        {
            before = Math.Min(before, _next);
            var count = (int)Math.Clamp(before - _first, 0, page.Length);
            for (var i = 0; i < count; i++)
            {
                page[i] = Slot(--before);
            }

            return count;
        }
    }

    private ref DecisionReceipt Slot(long number) => ref _slots[number % _slots.Length];

    private void Resize(int capacity)
    {
        while (_next - _first > capacity)
        {
            DropFirst();
        }

        var slots = new DecisionReceipt[capacity];
        for (var number = _first; number < _next; number++)
        {
            slots[number % capacity] = Slot(number);
        }

        _slots = slots;
    }

    private void DropFirst()
    {
        var oldest = Slot(_first);
        _textCharacters -= TextCharacters(oldest);
        if (_byId.GetValueOrDefault(oldest.Id) == (object)oldest)
        {
            _byId.Remove(oldest.Id);
        }

        Slot(_first++) = null!; // nobody reads a slot outside _first to _next
    }

    private void TrimText()
    {
        for (_firstWithText = Math.Max(_firstWithText, _first); _textCharacters > _mostTextCharacters && _firstWithText < _next; _firstWithText++)
        {
            ref var receipt = ref Slot(_firstWithText);
            if (receipt.Text is not null)
            {
                _textCharacters -= TextCharacters(receipt);
                receipt = receipt with { Text = null };
                _byId[receipt.Id] = receipt;
            }
        }
    }

    private static long TextCharacters(DecisionReceipt receipt) => receipt.Text is { } text
        ? text.Text.Length + (ReferenceEquals(text.Text, text.Ask) ? 0 : text.Ask.Length)
        : 0;
}
