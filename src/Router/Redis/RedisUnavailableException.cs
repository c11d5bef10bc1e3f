namespace RouterGateway.Router.Redis;

/// <summary>The Redis server could not be asked; the message says which and why.</summary>
public sealed class RedisUnavailableException(string message) : Exception(message);
