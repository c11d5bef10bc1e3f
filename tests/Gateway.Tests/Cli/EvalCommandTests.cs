using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Cli;

/// <summary>The verb as users run it, with the shipped routes.</summary>
public sealed class EvalCommandTests : IDisposable
{
    private const string Rows = """
        {"text":"Write a Python function that reverses a list.","label":"coding","source":"a"}
        {"text":"Translate to French: good morning, my friends!","label":"translation","source":"a"}
        {"text":"What is 17 times 23, minus 4?","label":"reasoning","source":"b"}
        {"text":"Write a Python function that reverses a string","label":"translation","source":"b"}
        {"text":"zxqv","label":"oos","source":"b"}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eval-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Eval_AllOptionsAsJson_HoldsAllFigures()
    {
        var file = Write("a.jsonl", Rows);

        var (exitCode, output, errors) = await EvalAsync(file, "--json", "--baseline", "tfidf", "knn", "--baseline-train", file, "--perturb", "all", "topic", "--by", "source", "--text", "last-two");

        Assert.Equal((0, ""), (exitCode, errors));
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        Assert.Equal(("last-two", 5, 1), (root.GetProperty("text").GetString(), root.GetProperty("prompts").GetInt32(), root.GetProperty("outOfScope").GetInt32()));
        Assert.Equal(["typos", "casing", "punctuation", "topic"], root.GetProperty("perturbed").EnumerateObject().Select(static kind => kind.Name));
        Assert.Equal(["a", "b"], root.GetProperty("groups").EnumerateArray().Select(static group => group.GetProperty("group").GetString()));
        Assert.Equal(["tfidf", "knn"], root.GetProperty("baselines").EnumerateArray().Select(static baseline => baseline.GetProperty("name").GetString()));
        Assert.Equal("4 prompts of a.jsonl", root.GetProperty("baselines")[0].GetProperty("trainedOn").GetString());
        var worst = root.GetProperty("worst").EnumerateArray().First();
        Assert.Equal((4, "translation", "coding"), (worst.GetProperty("line").GetInt32(), worst.GetProperty("right").GetString(), worst.GetProperty("taken").GetString()));
        Assert.Equal(5, worst.GetProperty("nearest").GetArrayLength());
    }

    [Fact]
    public async Task Eval_ACsvFile_ShowsFiguresAndWhyTheWorstAreWrong()
    {
        var (exitCode, output, _) = await EvalAsync(Write("a.csv", "label,text\ncoding,\"Write a Python function\nthat reverses a list, please\"\ntranslation,Write a Python function that reverses a list\n"), "--baseline", "knn", "--min-accuracy", "0.9");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("2 prompts: accuracy 50.00 %", output, StringComparison.Ordinal);
        Assert.Contains("line 4: translation (0.", output, StringComparison.Ordinal);
        Assert.Contains("    nearest: coding (0.", output, StringComparison.Ordinal);
        Assert.Contains("knn", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_ByTurnAndSimilarity_TellsHowSteadyAndHowAlike()
    {
        var file = Write("turns.jsonl", """
            {"messages":[{"role":"user","content":"Write a Python function that reverses a list."},{"role":"assistant","content":"..."},{"role":"user","content":"Yes please"},{"role":"assistant","content":"..."},{"role":"user","content":"Translate to French: good morning, my friends!"}],"label":"translation"}
            {"messages":[{"role":"user","content":"Write a Python function which reverses a list"}],"label":"coding"}
            {"messages":[{"role":"user","content":"Write a Python function which reverses a list!"}],"label":"coding"}
            """);

        var (exitCode, output, errors) = await EvalAsync(file, "--by-turn", "--similarity", "0.9", "0.999999", "--json");

        Assert.Equal((0, ""), (exitCode, errors));
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        Assert.Equal((2, 1.0, 0.5), (root.GetProperty("laterTurns").GetInt32(), root.GetProperty("secondTurnStability").GetDouble(), root.GetProperty("switches").GetDouble()));
        Assert.Equal(1.0, root.GetProperty("accuracy").GetDouble());
        Assert.Equal(
            ["""{"similarity":0.9,"prompts":3,"hits":1,"falseHits":0}""", """{"similarity":0.999999,"prompts":3,"hits":0,"falseHits":0}"""],
            root.GetProperty("similarities").EnumerateArray().Select(static figures => JsonSerializer.Serialize(figures)));
    }

    [Theory]
    [InlineData("--baseline-train needs --baseline tfidf", "--baseline-train", "x.jsonl")]
    [InlineData("--similarity must be from 0.5 to 1", "--similarity", "0.9", "2")]
    [InlineData("is no route of", "--abstain-label", "nothing")]
    [InlineData("x.jsonl", "--baseline", "tfidf", "--baseline-train", "x.jsonl")]
    public async Task Eval_BadArguments_SaysWhatIsWrong(string fault, params string[] arguments)
    {
        var (exitCode, _, errors) = await EvalAsync([Write("a.jsonl", Rows), .. arguments]);

        Assert.Equal(2, exitCode);
        Assert.Contains(fault, errors, StringComparison.Ordinal);
    }

    private string Write(string name, string content)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, content);
        return file;
    }

    private static Task<(int ExitCode, string Output, string Errors)> EvalAsync(params string[] arguments) =>
        GatewayProcess.RunAsync(["eval", .. arguments, "--routes", Path.Combine(RepositoryFiles.Root, "routes.json")]);
}
