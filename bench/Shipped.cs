using System.Reflection;

namespace RouterGateway.Benchmarks;

/// <summary>Paths of what ships.</summary>
internal static class Shipped
{
    public static string PathOf(string relative) => Path.Combine(
        typeof(Shipped).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static attribute => attribute.Key == "RepositoryRoot").Value!, relative);

    /// <summary>A prompt of about that many tokens, of ordinary words.</summary>
    public static string Prompt(int tokens) =>
        string.Join(' ', Enumerable.Repeat("Please write a Python function that reads a file line by line and counts how often each word appears in it.", (tokens / 20) + 1));
}
