using System.Reflection;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>Paths of the repository under test.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(static attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string Model(string name) => Path.Combine(Root, "models", name);
}
