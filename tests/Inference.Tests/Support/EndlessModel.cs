using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A copy of a shipped model whose answers never end by themselves: its end tokens are ids it never chooses.</summary>
internal static partial class EndlessModel
{
    public static TemporaryFolder Create(string model = "sample-coding")
    {
        var folder = TemporaryFolder.CopyOf(model);
        foreach (var file in new[] { "genai_config.json", "generation_config.json" })
        {
            var text = File.ReadAllText(folder.File(file));
            File.WriteAllText(folder.File(file), EndTokens().Replace(text, "\"eos_token_id\": [0]"));
        }

        return folder;
    }

    [GeneratedRegex("\"eos_token_id\":\\s*(\\[[^]]*\\]|\\d+)")]
    private static partial Regex EndTokens();
}
