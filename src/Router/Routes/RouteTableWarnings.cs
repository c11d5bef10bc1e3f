namespace RouterGateway.Router.Routes;

/// <summary>What in a table is allowed and yet hardly meant: settings without effect, secrets that are not there, KV caches coarser than a route wants.</summary>
internal static class RouteTableWarnings
{
    /// <summary>Returns a sentence for each, with the place in the file.</summary>
    public static IEnumerable<string> Of(RouteTable table)
    {
        for (var i = 0; i < table.Routes.Length; i++)
        {
            var route = table.Routes[i];
            foreach (var cluster in route.Fallbacks.Select(id => table.RoutesById[id].ClusterId).Prepend(route.ClusterId).Distinct().Select(id => table.ClustersById[id]))
            {
                if (KvCacheBits.Of(cluster) < route.MinKvBits)
                {
                    yield return $"routes[{i}].minKvBits: cluster \"{cluster.Id}\" stores its KV cache in {KvCacheBits.Of(cluster)} bits, and the route wants {route.MinKvBits}";
                }
            }
        }

        foreach (var cluster in table.ClustersById.Values.OrderBy(static cluster => cluster.Id, StringComparer.Ordinal))
        {
            if (cluster.Credentials is { } credentials && credentials.ReadSecret() is null)
            {
                yield return $"clusters.{cluster.Id}.credentials: {Missing(credentials)}; requests are sent without it";
            }
        }

        var decisions = table.Decisions;
        if (decisions.Redis?.Credentials is { } redis && redis.ReadSecret() is null)
        {
            yield return $"decisions.redisCredentials: {Missing(redis)}; Redis is asked without a password";
        }

        for (var i = 0; i < table.Tools.Keys.Length; i++)
        {
            if (table.Tools.Keys[i].Key is var key && key.ReadSecret() is null)
            {
                yield return $"tools.keys[{i}].key: {Missing(key)}; what is said of it holds for nobody";
            }
        }

        foreach (var (name, secret) in table.Tools.Secrets.OrderBy(static secret => secret.Key, StringComparer.Ordinal))
        {
            if (secret.Credentials.ReadSecret() is null)
            {
                yield return $"tools.secrets.{name}: {Missing(secret.Credentials)}; tools that are sent it fail";
            }
        }

        if (decisions.Similarity is not null && table.Settings.ScorerFolder is null)
        {
            yield return "decisions.similarity: has no effect without router.scorer, whose decisions it reuses";
        }

        if (decisions is { KeepText: true, Receipts: 0 })
        {
            yield return "decisions.keepText: has no effect while decisions.receipts is 0";
        }
    }

    private static string Missing(ClusterCredentials credentials) => credentials.SecretFile is { } file
        ? $"the file {file} is missing, unreadable or empty"
        : $"the environment variable {credentials.EnvironmentVariable} is not set";
}
