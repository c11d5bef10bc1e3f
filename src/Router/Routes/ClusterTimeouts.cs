namespace RouterGateway.Router.Routes;

/// <summary>The three clocks of a request to a cluster; there is none for the whole answer.</summary>
public sealed record ClusterTimeouts
{
    /// <summary>Until the connection stands.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From the request to the first content or tool delta.</summary>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two events of a stream.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);
}
