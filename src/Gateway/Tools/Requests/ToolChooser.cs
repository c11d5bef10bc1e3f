using System.Collections.Immutable;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>The stage "choose tools": which registered tools a request is given besides its own.</summary>
/// <remarks>Adds and never takes away: whatever fails here, the request goes on with the caller's tools as they came.</remarks>
internal sealed class ToolChooser(ToolRegistry registry, ToolSelector selector, ToolPolicy policy, RouteTableMonitor monitor)
{
    /// <param name="chat">The request.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="owner">Who asks (<see cref="GatewayRequest.Tenant"/>).</param>
    /// <param name="route">The route that it takes; <c>null</c>: it named a cluster.</param>
    /// <param name="cancellationToken">The caller left.</param>
    /// <returns>The plan; <c>null</c> when the request has nothing to do with registered tools; or why it is refused.</returns>
    public async ValueTask<(ToolPlan? Plan, GatewayFailure? Failure)> ChooseAsync(
        ChatRequest chat, ReadOnlyMemory<byte> body, string owner, Route? route, CancellationToken cancellationToken)
    {
        var ofRoute = route?.Tools ?? RouteTools.Default;
        var ofKey = policy.OfKey(owner);
        var says = chat.ToolSelection.End.Value > 0 || chat.ToolExecution.End.Value > 0;
        if (!says && ofRoute is { Select: null, Execute: null } && ofKey is { Select: null, Execute: null })
        {
            return (null, null); // the usual case
        }

        var (fields, failure) = ToolFields.Read(chat, body);
        if (fields is null)
        {
            return (null, failure);
        }

        var execute = (ofRoute.Execute, ofKey.Execute) is not ((false, _) or (_, false)) && (fields.Execute ?? ofKey.Execute ?? ofRoute.Execute ?? false);
        if (fields.Execute == true && chat.Choices > 1)
        {
            return (null, new GatewayFailure(GatewayError.InvalidRequest, "The gateway runs tools for one answer at a time: leave out \"n\", or ask for \"tool_execution\": \"client\".", "n"));
        }

        var own = OwnTools.NamesIn(body[chat.Tools]);
        var table = monitor.Current;
        var (offered, refused) = await OfferAsync(chat, owner, route, fields, TopOf(fields, ofRoute, ofKey, table), own, table, cancellationToken);
        return refused is not null ? (null, refused)
            : (offered.IsEmpty || (execute && chat.Choices > 1)) && !says ? (null, null) // nobody would run them for a caller who did not ask
            : (new ToolPlan(offered, own, execute && offered.Length > 0 && chat.Choices <= 1, Math.Min(fields.MaxRounds ?? table.Tools.MaxRounds, table.Tools.MaxRounds), fields.Chosen is not null || fields.RequiresTool), null);
    }

    /// <summary>How many are selected: what the request says, within what route and key allow.</summary>
    private static int TopOf(ToolFields fields, RouteTools ofRoute, RouteTools ofKey, RouteTable table)
    {
        if (ofRoute.Select == 0 || ofKey.Select == 0)
        {
            return 0;
        }

        var usual = ofRoute.Select ?? ofKey.Select;
        return fields.Top switch
        {
            null => usual ?? 0,
            < 0 => usual ?? table.Tools.SelectTop,
            { } top => top,
        };
    }

    private async ValueTask<(ImmutableArray<RegisteredTool> Offered, GatewayFailure? Failure)> OfferAsync(
        ChatRequest chat, string owner, Route? route, ToolFields fields, int top, HashSet<string> own, RouteTable table, CancellationToken cancellationToken)
    {
        var access = policy.AccessOf(owner, route);
        var catalog = registry.Current;
        var offered = new Dictionary<string, RegisteredTool>(StringComparer.Ordinal);
        foreach (var name in fields.Names)
        {
            if (access.Find(catalog, name) is not { } tool)
            {
                return ([], ToolNotFound.Failure(name, access, catalog, "tool_selection.names"));
            }

            Add(tool);
        }

        if (fields.Chosen is { } chosen && access.Find(catalog, chosen) is { } demanded)
        {
            Add(demanded); // named in tool_choice, so it must be there
        }

        // a choice that is made already leaves nothing to select
        if (top > 0 && !fields.ForbidsTools && fields.Chosen is null)
        {
            foreach (var (tool, _) in await selector.SelectAsync(table, access.Owner, access.Query(PromptAsk.Of(chat.Prompt, table), top, own), cancellationToken))
            {
                Add(tool);
            }
        }

        return ([.. offered.Values.OrderBy(static tool => tool.Name, StringComparer.Ordinal)], null);

        void Add(RegisteredTool tool)
        {
            if (!own.Contains(tool.Name)) // else the caller's own tool of that name is meant
            {
                offered[tool.Name] = tool;
            }
        }
    }
}
