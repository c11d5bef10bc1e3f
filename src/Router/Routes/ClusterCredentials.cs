namespace RouterGateway.Router.Routes;

/// <summary>Where the secret of a cluster is found; the secret itself is never in the file.</summary>
public sealed record ClusterCredentials
{
    /// <summary>Name of an environment variable; null when <see cref="SecretFile"/> is used.</summary>
    public string? EnvironmentVariable { get; init; }

    /// <summary>Absolute path of a file that holds nothing but the secret; null when <see cref="EnvironmentVariable"/> is used.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Reads the secret now, so that a rotated one is picked up.</summary>
    /// <returns>The secret without surrounding white space; null when the variable or file is missing, unreadable or empty.</returns>
    public string? ReadSecret()
    {
        string? secret;
        try
        {
            secret = SecretFile is null ? Environment.GetEnvironmentVariable(EnvironmentVariable!) : System.IO.File.ReadAllText(SecretFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return string.IsNullOrWhiteSpace(secret) ? null : secret.Trim();
    }
}
