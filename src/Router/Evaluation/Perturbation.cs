namespace RouterGateway.Router.Evaluation;

/// <summary>Ways in which the same prompt comes about differently.</summary>
public enum Perturbation
{
    /// <summary>One word in twelve, and at least one, has two letters swapped, one dropped, doubled, or replaced by its neighbour on the keyboard.</summary>
    Typos,

    /// <summary>All lower case, all UPPER CASE, or Every Word Capitalised, by the prompt.</summary>
    Casing,

    /// <summary>The punctuation at the end is missing.</summary>
    Punctuation,

    /// <summary>Another prompt of the file, with another label, was asked and answered before: a change of topic.</summary>
    Topic,
}
