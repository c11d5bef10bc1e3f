namespace RouterGateway.Gateway.EmbeddedBackends;

/// <summary>Where the child process of an embedded cluster stands.</summary>
internal enum EmbeddedBackendState
{
    /// <summary>The process runs and loads its model.</summary>
    Starting,

    /// <summary>It answers on its port.</summary>
    Ready,

    /// <summary>It ended; another start is due.</summary>
    Restarting,

    /// <summary>It refused its model folder or options; it is tried again, but rarely.</summary>
    Failed,

    /// <summary>It was told to stop.</summary>
    Stopped,
}
