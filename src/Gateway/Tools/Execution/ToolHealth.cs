using System.Collections.Concurrent;
using RouterGateway.Router.Resilience;

namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>Which tools fail again and again: they are not called until a probe finds them well, and are not selected meanwhile.</summary>
internal sealed class ToolHealth
{
    private const int FailuresToOpen = 5;

    private static readonly TimeSpan _openFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _openAtMost = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider;

    public ToolHealth(ToolRegistry registry, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        registry.Changed += () => Forget(registry.Current);
    }

    /// <summary>True while the tool is kept out of selection: until it is time for a probe, which a model's call of it then is. What it runs decides: another version is another tool.</summary>
    public bool IsBroken(RegisteredTool tool) => _breakers.TryGetValue(tool.Hash, out var breaker) && breaker.KeepsAllAway;

    public CircuitBreaker BreakerOf(RegisteredTool tool) =>
        _breakers.GetOrAdd(tool.Hash, static (_, timeProvider) => new CircuitBreaker(timeProvider, FailuresToOpen, _openFor, _openAtMost), _timeProvider);

    private void Forget(ToolCatalog catalog)
    {
        if (_breakers.IsEmpty)
        {
            return;
        }

        var known = catalog.Tools.Select(static tool => tool.Hash).ToHashSet(StringComparer.Ordinal);
        foreach (var hash in _breakers.Keys.Where(hash => !known.Contains(hash)))
        {
            _breakers.TryRemove(hash, out _);
        }
    }
}
