namespace RouterGateway.Router.Tools.Schemas;

/// <summary>One thing that is wrong with a document, in words that a language model can act upon.</summary>
/// <param name="Path">JSON pointer to the faulty value; "/" for the whole document, as people write it, where RFC 6901 has "".</param>
/// <param name="Message">What is expected there and what stands there instead, such as: must be a string; it is 5.</param>
public sealed record SchemaFault(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}
