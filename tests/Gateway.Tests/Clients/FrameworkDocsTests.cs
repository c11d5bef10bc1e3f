using System.Text.RegularExpressions;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>docs/frameworks.md against the code that is run here.</summary>
public sealed partial class FrameworkDocsTests
{
    [Fact]
    public async Task Snippets_ThatNameAFile_AreInIt()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "frameworks.md"));

        var snippets = Snippet().Matches(text);

        Assert.NotEmpty(snippets);
        foreach (Match snippet in snippets)
        {
            var file = snippet.Groups["file"].Value;
            var source = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "tests", file));
            foreach (var part in snippet.Groups["code"].Value.Split("...\n")) // what is left out
            {
                Assert.Contains(WithoutIndent(part), WithoutIndent(source), StringComparison.Ordinal);
            }
        }
    }

    private static string WithoutIndent(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex(@"^```\w+ (?<file>\S+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
