namespace RouterGateway.Router.Decisions.Cache;

/// <summary>Where the decision of a text came from.</summary>
internal enum CacheTier
{
    /// <summary>Nowhere: a model was asked for it.</summary>
    None,

    /// <summary>This process's memory.</summary>
    Memory,

    /// <summary>The store that gateways share.</summary>
    Redis,

    /// <summary>The scorer's decision of a similar text.</summary>
    Similar,

    /// <summary>An equal prompt that was being decided already.</summary>
    Joined,
}
