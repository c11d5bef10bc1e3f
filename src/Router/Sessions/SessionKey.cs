namespace RouterGateway.Router.Sessions;

/// <summary>Names a conversation.</summary>
/// <param name="Digest">Of the tenant and of what tells the conversation.</param>
/// <param name="IsNamed">True when the caller named it; false when it is told by how it began.</param>
public readonly record struct SessionKey(Digest Digest, bool IsNamed);
