namespace RouterGateway.Inference.Tests.Support;

/// <summary>A chat template of Gemma 4's format: tools, thoughts, calls and their results.</summary>
internal static class Gemma4Format
{
    public static string Template { get; } = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Golden", "inference", "gemma4-format.jinja"));

    /// <summary>A copy of a shipped model with this template.</summary>
    public static TemporaryFolder CopyOf(string model)
    {
        var folder = TemporaryFolder.CopyOf(model);
        File.WriteAllText(folder.File("chat_template.jinja"), Template);
        return folder;
    }
}
