namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What of a document does not follow a schema.</summary>
/// <param name="Path">JSON pointer into the document.</param>
/// <param name="Message">What is wrong, in words that a model can act upon.</param>
public sealed record SchemaFault(string Path, string Message);
