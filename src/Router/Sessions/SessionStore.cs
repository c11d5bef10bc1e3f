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
        if (await allowance.GetAsync(RedisKind.Session, key.Digest) is not { } value || SessionJson.TryRead(value) is not { } session ||
            session.Version < known?.Version || (session.Version == known?.Version && session.SaysWhat(known)))
        {
            return known;
        }

        _memory.Put(key.Digest, session, settings.SessionTtl);
        return session;
    }

    /// <summary>Remembers a conversation for another while.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="session">What is to be remembered.</param>
    /// <param name="before">What was remembered when the turn began; null = nothing.</param>
    /// <param name="settings">For how long.</param>
    public void Keep(SessionKey key, Session session, Session? before, DecisionSettings settings)
    {
        if (before is null)
        {
            _memory.TryGet(key.Digest, out before); // of a conversation that began alike
        }

        var isFresh = before?.WrittenAt is { } writtenAt && timeProvider.GetElapsedTime(writtenAt) < settings.SessionTtl / WritesPerTimeToLive;
        session = session with { Version = before?.Version ?? 0, WrittenAt = before?.WrittenAt };
        if (redis.IsConfigured && !(isFresh && session.SaysWhat(before)))
        {
            var next = session with { Version = session.Version + 1, WrittenAt = timeProvider.GetTimestamp() };
            session = redis.Set(RedisKind.Session, key.Digest, SessionJson.Write(next), settings.SessionTtl) ? next : next with { WrittenAt = null };
        }

        _memory.Put(key.Digest, session, settings.SessionTtl);
    }
}
