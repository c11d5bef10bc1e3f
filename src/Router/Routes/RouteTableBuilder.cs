using System.Collections.Frozen;
using System.Collections.Immutable;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes;

/// <summary>Turns a file that was found good into a table: defaults filled in, paths made absolute.</summary>
/// <param name="path">Absolute path of the routes file.</param>
/// <param name="examplesFiles">What was read, by index of the route.</param>
/// <param name="text">What is classified; null = as the file says.</param>
/// <param name="isCandidate">Whether the table is only tried out: without Redis and receipts, and with time enough for every decision.</param>
internal sealed class RouteTableBuilder(string path, IReadOnlyDictionary<int, ExamplesFile> examplesFiles, TextScope? text = null, bool isCandidate = false)
{
    private static readonly TimeSpan _candidateDeadline = TimeSpan.FromMinutes(1);

    private readonly string _folder = Path.GetDirectoryName(path)!;

    /// <summary>Builds the table.</summary>
    /// <param name="file">The file, validated.</param>
    /// <param name="bytes">Its bytes, for the version.</param>
    public RouteTable Build(RoutesFile file, byte[] bytes)
    {
        ImmutableArray<Route> routes = [.. file.Routes!.Select((route, i) => BuildRoute(route!, examplesFiles.GetValueOrDefault(i)?.Examples ?? []))];
        var settings = BuildSettings(file.Router!);
        var examples = examplesFiles.OrderBy(static f => f.Key).Select(static f => f.Value).DistinctBy(static f => f.Path).ToArray();
        return new RouteTable
        {
            File = path,
            Version = RouteTableHash.OfBytes([bytes, .. examples.Select(static f => f.Bytes)]),
            RoutingHash = RouteTableHash.OfRouting(settings, routes),
            Settings = settings,
            Decisions = BuildDecisions(file.Decisions ?? new DecisionsSection()),
            Tools = new ToolSettingsBuilder(file.Tools ?? new ToolsSection(), credentials => BuildCredentials(credentials)!, Absolute).Build(),
            Routes = routes,
            RoutesById = routes.ToFrozenDictionary(static r => r.Id, StringComparer.Ordinal),
            ClustersById = file.Clusters!.Select(c => BuildCluster(c.Key, c.Value!)).ToFrozenDictionary(static c => c.Id, StringComparer.Ordinal),
            SourceFiles = [path, .. examples.Select(static f => f.Path)],
        };
    }

    private RouterSettings BuildSettings(RouterSection router)
    {
        var defaults = new RouterSettings { DefaultRouteId = router.DefaultRoute! };
        return new RouterSettings
        {
            ClassifierFolder = router.Classifier is null ? null : Absolute(router.Classifier),
            ScorerFolder = router.Scorer is null ? null : Absolute(router.Scorer),
            ScorerDebias = router.ScorerDebias ?? defaults.ScorerDebias,
            Device = router.Device ?? defaults.Device,
            Deadline = isCandidate ? _candidateDeadline : router.Deadline ?? defaults.Deadline,
            MinConfidence = router.MinConfidence ?? defaults.MinConfidence,
            MinMargin = router.MinMargin ?? defaults.MinMargin,
            DefaultRouteId = router.DefaultRoute!,
            Text = text ?? router.Text switch
            {
                "last-two" => TextScope.LastTwo,
                "window" => TextScope.Window,
                _ => defaults.Text,
            },
        };
    }

    private DecisionSettings BuildDecisions(DecisionsSection decisions)
    {
        var defaults = new DecisionSettings();
        return new DecisionSettings
        {
            Redis = decisions.Redis is null || isCandidate ? null
                : RedisAddress.TryParse(decisions.Redis, out var configuration, out _)
                    ? new RedisSettings(configuration, BuildCredentials(decisions.RedisCredentials), decisions.RedisPrefix ?? RedisSettings.DefaultPrefix)
                    : throw new InvalidOperationException("Checked by DecisionsSectionValidator."),
            RedisBudget = decisions.RedisBudget ?? defaults.RedisBudget,
            Ttl = decisions.Ttl ?? defaults.Ttl,
            AbstainTtl = decisions.AbstainTtl ?? defaults.AbstainTtl,
            MemoryEntries = decisions.MemoryEntries ?? defaults.MemoryEntries,
            SessionTtl = decisions.SessionTtl ?? defaults.SessionTtl,
            SwitchMargin = decisions.SwitchMargin ?? defaults.SwitchMargin,
            Similarity = decisions.Similarity,
            Receipts = isCandidate ? 0 : decisions.Receipts ?? defaults.Receipts,
            KeepText = !isCandidate && (decisions.KeepText ?? defaults.KeepText),
        };
    }

    private ClusterCredentials? BuildCredentials(CredentialsSection? credentials) => credentials is null ? null : new ClusterCredentials
    {
        EnvironmentVariable = credentials.Env,
        SecretFile = credentials.File is null ? null : Absolute(credentials.File),
    };

    private Cluster BuildCluster(string id, ClusterSection cluster)
    {
        var defaults = new Cluster { Id = id };
        return new Cluster
        {
            Id = id,
            Embedded = cluster.Embedded is null ? null : BuildEmbedded(cluster.Embedded),
            Destinations = (cluster.Destinations ?? new Dictionary<string, string?>()).ToFrozenDictionary(static d => d.Key, static d => new Uri(d.Value!), StringComparer.Ordinal),
            Model = cluster.Model ?? (cluster.Embedded is null ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(Absolute(cluster.Embedded.Model!)))),
            Engine = cluster.Engine,
            KvCache = cluster.KvCache,
            ContextTokens = cluster.ContextTokens,
            LoadBalancing = cluster.LoadBalancing ?? defaults.LoadBalancing,
            Credentials = BuildCredentials(cluster.Credentials),
            Timeouts = new ClusterTimeouts
            {
                Connect = cluster.Timeouts?.Connect ?? defaults.Timeouts.Connect,
                FirstToken = cluster.Timeouts?.FirstToken ?? defaults.Timeouts.FirstToken,
                Idle = cluster.Timeouts?.Idle ?? defaults.Timeouts.Idle,
            },
        };
    }

    private EmbeddedModel BuildEmbedded(EmbeddedSection embedded)
    {
        var defaults = new EmbeddedModel { ModelFolder = Absolute(embedded.Model!) };
        return defaults with
        {
            KvCache = embedded.KvCache ?? defaults.KvCache,
            Device = embedded.Device ?? defaults.Device,
            MaxSequences = embedded.MaxSequences,
            MaxQueue = embedded.MaxQueue,
            QueueTimeout = embedded.QueueTimeout,
            KvPoolBytes = embedded.KvPoolBytes,
        };
    }

    private static Route BuildRoute(RouteSection route, ImmutableArray<string> fromFile) => new()
    {
        Id = route.Id!,
        Description = route.Description!,
        ClusterId = route.Cluster!,
        Model = route.Model,
        Fallbacks = Texts(route.Fallbacks),
        MinConfidence = route.MinConfidence,
        MinKvBits = route.MinKvBits,
        Examples = [.. Texts(route.Examples).Concat(fromFile).Distinct()],
        CounterExamples = [.. Texts(route.CounterExamples).Distinct()],
        Tools = ToolSettingsBuilder.BuildRoute(route.Tools),
        Rules = route.Rules is null ? RouteRules.None : new RouteRules
        {
            Keywords = Texts(route.Rules.Keywords),
            HasImages = route.Rules.HasImages ?? false,
            HasTools = route.Rules.HasTools ?? false,
            Patterns = [.. Texts(route.Rules.Regex).Select(static p => RulePattern.TryCreate(p, out var regex, out _) ? regex : throw new InvalidOperationException("Checked by RulesSectionValidator."))],
        },
    };

    private static ImmutableArray<string> Texts(IReadOnlyList<string?>? texts) => [.. (texts ?? []).OfType<string>()];

    private string Absolute(string relative) => Path.GetFullPath(relative, _folder);
}
