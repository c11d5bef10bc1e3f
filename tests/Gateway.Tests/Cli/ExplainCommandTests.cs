using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Cli;

/// <summary>The verb as users run it, with the shipped routes.</summary>
public sealed class ExplainCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("explain-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Explain_APrompt_ShowsRouteReasonAndExamples()
    {
        var (exitCode, output, errors) = await ExplainAsync("Write a Python function that reverses a list");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith("coding  classified, confidence 0.", output, StringComparison.Ordinal);
        Assert.All(["coding is likeliest with", "Text (last-user)", "Signals", "Probabilities", "Nearest examples", "Time"], part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_AChatBodyAsJson_HoldsTextSignalsAndScores()
    {
        var file = Write("""
            {"model":"auto","tools":[{}],"messages":[{"role":"user","content":"Write a Python function that parses dates"},{"role":"assistant","content":null},
            {"role":"tool","content":"42"},{"role":"user","content":[{"type":"text","text":"<system-reminder>x</system-reminder>now in Rust"},{"type":"image_url","image_url":{"url":"x"}}]}]}
            """);

        var (exitCode, output, _) = await ExplainAsync("--file", file, "--json");

        Assert.Equal(0, exitCode);
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        Assert.Equal("coding", root.GetProperty("route").GetString());
        Assert.Equal("Write a Python function that parses dates\nnow in Rust", root.GetProperty("text").GetProperty("classified").GetString());
        Assert.Equal(["stripped", "context"], root.GetProperty("text").GetProperty("changes").EnumerateArray().Select(static change => change.GetProperty("kind").GetString()));
        Assert.True(root.GetProperty("signals").GetProperty("hasTools").GetBoolean() && root.GetProperty("signals").GetProperty("hasImages").GetBoolean());
        Assert.Equal(1, root.GetProperty("scores").EnumerateObject().Sum(static score => score.Value.GetDouble()), 3);
        Assert.Equal(5, root.GetProperty("nearest").GetArrayLength());
    }

    [Fact]
    public async Task Explain_AnArrayOfMessages_IsAConversation()
    {
        var (exitCode, output, _) = await ExplainAsync("--file", Write("""[{"role":"user","content":"Translate to French: good morning"}]"""));

        Assert.Equal(0, exitCode);
        Assert.StartsWith("translation ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"messages\":\n [}", ":2:3: is not JSON: ")]
    [InlineData("", ":1:1: is not JSON: it is empty")]
    [InlineData("{\"messages\":[]}", "\"messages\" is missing or empty")]
    [InlineData("[{\"role\":\"nobody\"}]", "\"messages[0].role\" is \"nobody\"")]
    [InlineData("3", "must be a JSON object")]
    public async Task Explain_ABadFile_SaysWhatIsWrong(string content, string fault)
    {
        var (exitCode, output, errors) = await ExplainAsync("--file", Write(content));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(fault, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing to explain", "  ")]
    [InlineData("Give either a prompt", "x", "--file", "y")]
    [InlineData("Give either a prompt")]
    [InlineData("nowhere.json does not exist", "--file", "nowhere.json")]
    [InlineData("nowhere.json: cannot be read", "x", "--routes", "nowhere.json")]
    public async Task Explain_BadArguments_SaysWhatIsWrong(string fault, params string[] arguments)
    {
        var (exitCode, _, errors) = await ExplainAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains(fault, errors, StringComparison.Ordinal);
    }

    private string Write(string content)
    {
        var file = Path.Combine(_folder.FullName, "chat.json");
        File.WriteAllText(file, content);
        return file;
    }

    private static Task<(int ExitCode, string Output, string Errors)> ExplainAsync(params string[] arguments) =>
        GatewayProcess.RunAsync(arguments.Contains("--routes") ? ["explain", .. arguments] : ["explain", .. arguments, "--routes", Path.Combine(RepositoryFiles.Root, "routes.json")]);
}
