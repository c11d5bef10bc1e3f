namespace RouterGateway.Router.Routes;

/// <summary>Where Redis is.</summary>
/// <param name="Configuration">Endpoints and options in the form of StackExchange.Redis, without a password.</param>
/// <param name="Credentials">Where the password is found; null = none is needed.</param>
/// <param name="Prefix">What every key begins with.</param>
public sealed record RedisSettings(string Configuration, ClusterCredentials? Credentials, string Prefix)
{
    /// <summary>What keys begin with unless the file says otherwise.</summary>
    public const string DefaultPrefix = "routergateway:";
}
