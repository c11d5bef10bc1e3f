using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Sessions;

/// <summary>Remembers conversations: in memory, and in Redis for the other gateways.</summary>
internal sealed class SessionStore(RedisStore redis, TimeProvider timeProvider)
{
    private const int WritesPerTimeToLive = 4; // a turn that changes nothing only has to keep it alive

    private readonly SieveCache<Digest, Session> _memory = new(timeProvider, new DecisionSettings().MemoryEntries);

    /// <summary>Conversations in memory.</summary>
    public SieveCache<Digest, Session> Memory => _memory;

    /// <summary>Finds a conversation.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="settings">For how long it stays in memory.</param>
    /// <param name="allowance">How long Redis may take.</param>
    public async ValueTask<Session?> FindAsync(SessionKey key, DecisionSettings settings, RedisAllowance allowance)
    {
        // memory may be behind: the turn before this one may have been another gateway's
        _memory.TryGet(key.Digest, out var known);
        if (await allowance.GetAsync(RedisKind.Session, key.Digest) is not { } value ||
            SessionJson.TryRead(value) is not { } session || session.StoredAt <= known?.StoredAt)
        {
            return known;
        }

        _memory.Put(key.Digest, session, settings.SessionTtl);
        return session;
    }

    /// <summary>Remembers a conversation for another while.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="session">What is to be remembered; its time is set here.</param>
    /// <param name="settings">For how long.</param>
    public void Keep(SessionKey key, Session session, DecisionSettings settings)
    {
        var now = timeProvider.GetUtcNow();
        var isStored = _memory.TryGet(key.Digest, out var known) && now - known.StoredAt < settings.SessionTtl / WritesPerTimeToLive &&
            (known.RouteId, known.IsDefault, known.Destination) == (session.RouteId, session.IsDefault, session.Destination);
        session = session with { StoredAt = isStored ? known!.StoredAt : now };
        _memory.Put(key.Digest, session, settings.SessionTtl);
        if (!isStored && redis.IsConfigured)
        {
            redis.Set(RedisKind.Session, key.Digest, SessionJson.Write(session), settings.SessionTtl);
        }
    }
}
