namespace RouterGateway.Router.Decisions.Cache;

/// <summary>What was forgotten.</summary>
/// <param name="Memory">Decisions and conversations in this process's memory.</param>
/// <param name="Redis">The same in Redis; 0 without it.</param>
/// <param name="Fault">Why Redis still has some of them; null = it has none.</param>
public sealed record CacheFlush(int Memory, long Redis, string? Fault = null);
