using Microsoft.Extensions.Primitives;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Tells streams when what their owner is offered changed: by the registry, or by another filter in <c>routes.json</c>.</summary>
internal sealed class ToolListChanges : IDisposable
{
    /// <summary>From a first change to the signal: tools are registered many at a time.</summary>
    public static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(200);

    private readonly ToolRegistry _registry;
    private readonly OfferedTools _tools;
    private readonly ITimer _timer;
    private readonly IDisposable _ofMonitor;
    private readonly Lock _lock = new();
    private readonly LinkedList<ToolListListener> _listeners = [];
    private bool _isPending;

    public ToolListChanges(ToolRegistry registry, RouteTableMonitor monitor, OfferedTools tools, TimeProvider timeProvider)
    {
        (_registry, _tools) = (registry, tools);
        _timer = timeProvider.CreateTimer(_ => Publish(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        registry.Changed += Touch;
        _ofMonitor = ChangeToken.OnChange(monitor.GetChangeToken, Touch);
    }

    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>Begins to listen; signals at once when the list is another than was last seen.</summary>
    public ToolListListener Listen(string owner, SeenToolList seen)
    {
        var node = new LinkedListNode<ToolListListener>(null!); // set in the next line: the two need each other
        node.Value = new ToolListListener(owner, seen, _ => Remove(node));
        lock (_lock)
        {
            _listeners.AddFirst(node);
        }

        Tell(node.Value, _tools.Signature(owner));
        return node.Value;
    }

    public void Dispose()
    {
        _registry.Changed -= Touch;
        _ofMonitor.Dispose();
        _timer.Dispose();
    }

    private static void Tell(ToolListListener listener, string signature)
    {
        if (listener.Seen.TryChange(signature))
        {
            listener.Signal();
        }
    }

    private void Touch()
    {
        lock (_lock)
        {
            if (_isPending || _listeners.Count == 0)
            {
                return;
            }

            _isPending = true;
        }

        _timer.Change(Debounce, Timeout.InfiniteTimeSpan);
    }

    private void Publish()
    {
        ToolListListener[] listeners;
        lock (_lock)
        {
            _isPending = false;
            listeners = [.. _listeners]; // newest first: of several streams of a session, the older may be dead without anyone knowing
        }

        var signatures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var listener in listeners)
        {
            if (!signatures.TryGetValue(listener.Owner, out var signature))
            {
                signatures[listener.Owner] = signature = _tools.Signature(listener.Owner);
            }

            Tell(listener, signature);
        }
    }

    private void Remove(LinkedListNode<ToolListListener> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _listeners.Remove(node);
            }
        }
    }
}
