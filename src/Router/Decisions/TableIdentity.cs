using RouterGateway.Inference.Embeddings;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>Names all that decides besides text and tenant, so that a change of it misses what was remembered before.</summary>
/// <param name="ModelHash">Of classifier and scorer, 16 hexadecimal digits; empty when there is neither.</param>
/// <param name="Digest">Of the routing part of the table, of the models, and of this program.</param>
internal sealed record TableIdentity(string ModelHash, Digest Digest)
{
    // Two builds of the same source are equal, so the gateways of one version share, and an upgrade forgets.
    private static readonly string _program = $"{typeof(TableIdentity).Module.ModuleVersionId:N}{typeof(EmbeddingModel).Module.ModuleVersionId:N}";

    /// <summary>Names a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="classifierHash">Of its classifier; null without one.</param>
    /// <param name="scorerHash">Of its scorer; null without one.</param>
    public static TableIdentity Create(RouteTable table, string? classifierHash, string? scorerHash)
    {
        var models = $"{classifierHash}/{scorerHash}";
        return new TableIdentity(models.Length == 1 ? "" : Digest.Of(models).ToString()[..16], Digest.Of($"{_program}/{table.RoutingHash}/{models}"));
    }
}
