namespace RouterGateway.Router.Prompts;

/// <summary>Remembers what was done to a text.</summary>
/// <param name="changes">Receives every change; null: nobody wants to know, as when a request is decided.</param>
internal struct TextNotes(ICollection<TextChange>? changes)
{
    /// <summary>True when a middle part was left out.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Notes a change.</summary>
    public void Add(TextChangeKind kind, string what, int characters)
    {
        IsCut |= kind is TextChangeKind.Sampled or TextChangeKind.Cut;
        changes?.Add(new TextChange(kind, what, characters));
    }
}
