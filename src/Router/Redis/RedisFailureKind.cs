namespace RouterGateway.Router.Redis;

/// <summary>Why a call to Redis failed.</summary>
internal enum RedisFailureKind
{
    /// <summary>No answer in time; the command may still be carried out.</summary>
    Timeout,

    /// <summary>There is no connection, or it broke.</summary>
    Connection,

    /// <summary>The server answered with an error, so it is there and costs nobody time.</summary>
    Server,
}
