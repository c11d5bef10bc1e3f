using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace RouterGateway.Router.Routes;

/// <summary>Holds the running route table and swaps it whole within a second of a change of the file.</summary>
public sealed class RouteTableMonitor : BackgroundService
{
    /// <summary>The running table.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public RouteTable Current => throw new NotImplementedException();

    /// <summary>Why the newest change was refused; empty when the file on disk is the running table.</summary>
    public IReadOnlyList<RouteTableFault> LastFaults => throw new NotImplementedException();

    /// <summary>When the running table was loaded.</summary>
    public DateTimeOffset LoadedAt => throw new NotImplementedException();

    /// <summary>Changes that were taken since the start.</summary>
    public int Reloads => throw new NotImplementedException();

    /// <summary>Changes that were refused since the start.</summary>
    public int RefusedReloads => throw new NotImplementedException();

    /// <summary>Returns a token that fires once, after <see cref="Current"/> was swapped.</summary>
    public IChangeToken GetChangeToken() => throw new NotImplementedException();

    /// <summary>Reads the file now, changed or not.</summary>
    /// <returns>False when it was refused; the reasons are in <see cref="LastFaults"/>.</returns>
    public Task<bool> ReloadAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Loads the first table.</summary>
    /// <exception cref="RouteTableException">The file has faults.</exception>
    public override Task StartAsync(CancellationToken cancellationToken) => base.StartAsync(cancellationToken);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => throw new NotImplementedException();
}
