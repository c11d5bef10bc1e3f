using System.Reflection;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>Where the repository and its build outputs are.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The gateway's executable as `dotnet run` would start it, with its native libraries.</summary>
    public static string GatewayAssembly { get; } = Path.Combine(Root, "artifacts", "bin", "Gateway", Metadata("Configuration").ToLowerInvariant(), "RouterGateway.Gateway.dll");

    private static string Metadata(string key) => typeof(RepositoryFiles).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
