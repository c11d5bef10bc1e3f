namespace RouterGateway.Router.Redis;

/// <summary>How the shared store does.</summary>
public sealed record RedisStatus
{
    /// <summary>True when lookups are sent to it.</summary>
    public required bool IsWell { get; init; }

    /// <summary>Endpoints, without a password.</summary>
    public required string Endpoints { get; init; }

    /// <summary>The newest failure, in a sentence that an operator can act on; null while there was none.</summary>
    public string? LastError { get; init; }

    /// <summary>How long ago that was; null while there was none.</summary>
    public TimeSpan? LastErrorAge { get; init; }

    /// <summary>Lookups and writes that failed since the start.</summary>
    public long Errors { get; init; }

    /// <summary>Lookups that were given up because of the budget since the start.</summary>
    public long Timeouts { get; init; }

    /// <summary>Writes that were dropped since the start, because too many were waiting or Redis was not well.</summary>
    public long DroppedWrites { get; init; }

    /// <summary>Writes that wait now.</summary>
    public int WaitingWrites { get; init; }
}
