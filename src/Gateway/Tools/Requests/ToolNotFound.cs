using RouterGateway.Gateway.Errors;
using RouterGateway.Router;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>Says that a caller has no tool of a name.</summary>
internal static class ToolNotFound
{
    /// <param name="name">What the caller wrote.</param>
    /// <param name="access">Who the caller is; tools of others are not told of.</param>
    /// <param name="catalog">The tools.</param>
    /// <param name="param">The field of the request; <c>null</c>: the path.</param>
    public static GatewayFailure Failure(string name, ToolAccess access, ToolCatalog catalog, string? param = null)
    {
        const int MostGuessedAmong = 500; // each guess compares two words, and anybody can ask for a name that is not there
        var known = catalog.For(access.Owner).Tools.Where(access.Allows).Select(static tool => tool.Name).Take(MostGuessedAmong + 1).ToArray();
        var hint = known.Length > MostGuessedAmong ? "" : Spelling.Hint(name, known);
        return new GatewayFailure(
            param is null ? GatewayError.ToolNotFound : GatewayError.InvalidRequest,
            $"There is no tool \"{(name.Length <= 80 ? name : name[..80] + "...")}\" for this key{hint}{(hint.EndsWith('?') ? "" : ".")} GET /v1/tools lists them; a lease may have ended.",
            param);
    }
}
