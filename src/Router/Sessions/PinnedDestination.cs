namespace RouterGateway.Router.Sessions;

/// <summary>The destination that holds a conversation's KV prefix.</summary>
/// <param name="ClusterId">Its cluster.</param>
/// <param name="DestinationId">Its name in the cluster.</param>
public sealed record PinnedDestination(string ClusterId, string DestinationId);
