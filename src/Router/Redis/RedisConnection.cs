using System.Net;
using System.Net.Security;
using RouterGateway.Router.Routes;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>An open connection, and the one place that knows which version of the client library is used.</summary>
/// <param name="Multiplexer">The connections to the servers.</param>
/// <param name="Database">The database of the configuration on them.</param>
internal sealed record RedisConnection(ConnectionMultiplexer Multiplexer, IDatabase Database)
{
    private static readonly TimeSpan _connectAtMost = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _scanPageAtMost = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _closeAtMost = TimeSpan.FromSeconds(1);

    /// <summary>Connects once; the caller tries again, and by that with the password of then, which the library itself would not read anew.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="certificateValidation">Decides on the server's certificate; null = the system does.</param>
    /// <param name="timeProvider">Clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisConnectionException">It did not work; the message tells why.</exception>
    /// <exception cref="TimeoutException">It did not work either, and the library did not notice.</exception>
    public static async Task<RedisConnection> ConnectAsync(
        RedisSettings settings, RemoteCertificateValidationCallback? certificateValidation, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var options = ReadOptions(settings);
        if (certificateValidation is not null)
        {
            options.CertificateValidation += certificateValidation;
        }

        var connecting = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            var multiplexer = await connecting.WaitAsync(TimeSpan.FromMilliseconds(options.ConnectTimeout) + _closeAtMost, timeProvider, cancellationToken);
#if REDIS_CLIENT_1
            multiplexer.PreserveAsyncOrder = false; // else one caller's continuation delays all others
#endif
            return new RedisConnection(multiplexer, multiplexer.GetDatabase());
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            _ = DisposeLateAsync(connecting);
            throw;
        }
    }

    /// <summary>Names the servers of a configuration, without its options.</summary>
    public static string NameEndpoints(string configuration)
    {
        try
        {
            var options = ConfigurationOptions.Parse(configuration);
            options.SetDefaultPorts();
            return string.Join(", ", options.EndPoints.Select(static endpoint => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString()));
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException)
        {
            return "the server of decisions.redis";
        }
    }

    /// <summary>True when something is connected, but nothing that takes writes.</summary>
    public bool HasReplicasOnly => Multiplexer.IsConnected && !Primaries().Any();

    /// <summary>The servers that hold keys: each primary that is connected.</summary>
    public IEnumerable<IServer> Primaries()
    {
        foreach (var endpoint in Multiplexer.GetEndPoints())
        {
            var server = Multiplexer.GetServer(endpoint);
#if REDIS_CLIENT_1
            var isReplica = server.IsSlave;
#else
            var isReplica = server.IsReplica;
#endif
            if (server.IsConnected && !isReplica)
            {
                yield return server;
            }
        }
    }

    /// <summary>Starts a call; one on a closed connection fails as a task, too.</summary>
    public Task<TAnswer> Call<TAnswer, TState>(TState state, Func<IDatabase, TState, Task<TAnswer>> call)
    {
        try
        {
            return call(Database, state);
        }
        catch (Exception fault)
        {
            return Task.FromException<TAnswer>(fault);
        }
    }

    /// <summary>Closes, in a second at most; what is still awaited fails.</summary>
    public async Task CloseAsync(TimeProvider timeProvider)
    {
        // Disposing alone would say goodbye and wait for the answer, which a hung server never gives; on a thread of its own nothing here can hang.
        var closing = Task.Run(async () =>
        {
            await Multiplexer.CloseAsync(allowCommandsToComplete: false);
            Multiplexer.Dispose();
        });
        await closing.WaitAsync(_closeAtMost, timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = RedisFailure.Of(closing); // observed: nobody can do anything about it
    }

    private static ConfigurationOptions ReadOptions(RedisSettings settings)
    {
        var options = ConfigurationOptions.Parse(settings.Configuration);
        options.Password = settings.Credentials?.ReadSecret();
        options.AbortOnConnectFail = true; // an unconnected multiplexer says less about the reason than this exception
        options.ConnectRetry = 1;
        options.ClientName ??= "routergateway";
        options.TieBreaker = ""; // no key outside our prefix, and no channel
        options.ConfigurationChannel = "";
        if (!settings.Configuration.Contains("syncTimeout", StringComparison.OrdinalIgnoreCase))
        {
            options.SyncTimeout = (int)_scanPageAtMost.TotalMilliseconds; // only RedisSweep calls synchronously
        }

        if (!settings.Configuration.Contains("connectTimeout", StringComparison.OrdinalIgnoreCase))
        {
            options.ConnectTimeout = (int)_connectAtMost.TotalMilliseconds;
        }

#if !REDIS_CLIENT_1
        options.BacklogPolicy = BacklogPolicy.FailFast; // a lookup does not wait for a connection
#endif
        return options;
    }

    private static async Task DisposeLateAsync(Task<ConnectionMultiplexer> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (RedisFailure.Of(connecting) is null)
        {
            var multiplexer = await connecting;
            await multiplexer.CloseAsync(allowCommandsToComplete: false);
            multiplexer.Dispose();
        }
    }
}
