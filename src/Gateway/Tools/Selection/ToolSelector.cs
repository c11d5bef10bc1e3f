using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Stub.</summary>
internal sealed class ToolSelector(ToolRegistry registry)
{
    /// <summary>Stub.</summary>
    public ValueTask<IReadOnlyList<ScoredTool>> SelectAsync(RouteTable table, ToolAccess access, string text, int top, IReadOnlySet<string> exclude, CancellationToken cancellationToken) =>
        new((IReadOnlyList<ScoredTool>)[.. registry.Current.For(access.Owner).Tools.Where(tool => table is not null && text.Length > 0 && access.Allows(tool) && !exclude.Contains(tool.Name)).Take(top).Select(static tool => new ScoredTool(tool, 0)).TakeWhile(_ => !cancellationToken.IsCancellationRequested)]);
}
