namespace RouterGateway.Router.Redis;

/// <summary>What a key in Redis holds; the word behind the prefix.</summary>
internal enum RedisKind
{
    /// <summary>What a text was decided as: <c>{prefix}decision:{digest}</c>.</summary>
    Decision,

    /// <summary>The route and destination of a conversation: <c>{prefix}session:{digest}</c>.</summary>
    Session,
}
