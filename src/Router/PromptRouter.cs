using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>Decides which route a prompt takes: pin, rules, classification, policy. Never fails a request.</summary>
public sealed class PromptRouter
{
    /// <summary>Where the classifier runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ClassifierDevice => throw new NotImplementedException();

    /// <summary>True when a table is loaded and its classifier can be asked.</summary>
    public bool IsReady => throw new NotImplementedException();

    /// <summary>Decides by the running table.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<Decision> RouteAsync(Prompt prompt, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The decision for a request that names its route itself.</summary>
    public Decision Pin(RouteTable table, Route route) => throw new NotImplementedException();
}
