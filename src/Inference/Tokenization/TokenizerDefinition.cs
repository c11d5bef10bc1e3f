namespace RouterGateway.Inference.Tokenization;

/// <summary>What tokenizer.json says, as read.</summary>
internal sealed class TokenizerDefinition
{
    /// <summary>Pieces of the BPE vocabulary and of the added tokens.</summary>
    public PieceTable Pieces { get; } = new();

    /// <summary>Merges by pair of ids: rank (lower first) and the id of the result.</summary>
    public MergeTable Merges { get; } = new();

    public List<AddedToken> AddedTokens { get; } = [];

    /// <summary>String replacements of the normalizer, in order.</summary>
    public List<(string From, string To)> Replacements { get; } = [];

    /// <summary>Ids that the post-processor puts before a single sequence, usually bos.</summary>
    public List<int> Prefix { get; } = [];

    /// <summary>Ids that the post-processor puts after a single sequence.</summary>
    public List<int> Suffix { get; } = [];

    public string? UnknownPiece { get; set; }

    public bool FuseUnknown { get; set; }

    public bool ByteFallback { get; set; }

    public bool IgnoreMerges { get; set; }
}
