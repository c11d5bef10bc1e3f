using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Receipts;

/// <summary>A router over a routes file that does not run: models, queues and caches of its own, so that the running one is not disturbed.</summary>
internal sealed class CandidateRouter : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private CandidateRouter(ServiceProvider services, RouteTable table) => (_services, Table) = (services, table);

    /// <summary>The candidate: decided by without haste, without Redis, without receipts.</summary>
    public RouteTable Table { get; }

    /// <summary>Decides by the candidate.</summary>
    public PromptRouter Router => _services.GetRequiredService<PromptRouter>();

    /// <summary>Checks a candidate, loads its models and fits its head.</summary>
    /// <param name="path">The file that it would replace; folders in it are relative to that file's.</param>
    /// <param name="bytes">What would be in it.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <returns>The router, or all reasons why there is none.</returns>
    public static async Task<(CandidateRouter? Router, ImmutableArray<RouteTableFault> Faults)> LoadAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        var result = RouteTableLoader.LoadCandidate(path, bytes);
        if (!result.IsValid)
        {
            return (null, result.Faults);
        }

        var services = new ServiceCollection();
        services.AddLogging(); // nobody listens: the log is about the running table
        services.AddPromptRouter(options => (options.RoutesFile, options.Table, options.Remembers) = (path, result.Table, false));
        var provider = services.BuildServiceProvider();
        try
        {
            var monitor = provider.GetRequiredService<RouteTableMonitor>();
            if (await monitor.ReloadAsync(cancellationToken))
            {
                return (new CandidateRouter(provider, result.Table), []);
            }

            await provider.DisposeAsync();
            return (null, [.. monitor.LastFaults]);
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
