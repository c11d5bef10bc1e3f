namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What a schema asks of strings.</summary>
/// <param name="MinLength">In code points.</param>
/// <param name="MaxLength">In code points; null for no bound.</param>
/// <param name="Pattern">Must match somewhere in the string; null for no such rule.</param>
internal sealed record StringRules(long MinLength, long? MaxLength, SchemaPattern? Pattern);
