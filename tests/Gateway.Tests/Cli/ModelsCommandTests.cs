using System.Diagnostics;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Inference.Tests.Hub;

namespace RouterGateway.Gateway.Tests.Cli;

/// <summary>The verbs of <c>models</c> as users run them, against a hub in this process.</summary>
public sealed class ModelsCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("models-tests-");
    private TestHub _hub = null!;

    private string Tiny => Path.Combine(_parent.FullName, "tiny");

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "models", "sample-coding")))
        {
            _hub.Add(Path.GetFileName(file), await File.ReadAllBytesAsync(file));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _parent.Delete(recursive: true);
    }

    [Fact]
    public async Task Pull_ThenListInspectAndRemove_Work()
    {
        var pulled = await RunAsync("pull", _hub.Repository, "--to", _parent.FullName);
        var again = await RunAsync("pull", _hub.Repository, "--to", _parent.FullName);
        var listed = await RunAsync("list", "--from", _parent.FullName);
        var inspected = await RunAsync("inspect", Tiny);
        var asked = await RunAsync("remove", "tiny", "--from", _parent.FullName);
        var existed = Directory.Exists(Tiny);
        var removed = await RunAsync("remove", "tiny", "--from", _parent.FullName, "--yes");

        Assert.Equal((0, "", 0, 0, 0, 2, 0), (pulled.ExitCode, pulled.Errors, again.ExitCode, listed.ExitCode, inspected.ExitCode, asked.ExitCode, removed.ExitCode));
        Assert.StartsWith($"{Tiny}: acme/tiny {TestHub.Commit}, 6 files, 10.2 MB", pulled.Output, StringComparison.Ordinal);
        Assert.Contains($"\"embedded\": {{ \"model\": \"{Tiny}\" }}", pulled.Output, StringComparison.Ordinal);
        Assert.Contains($"\"router\": {{ \"scorer\": \"{Tiny}\" }}", pulled.Output, StringComparison.Ordinal);
        Assert.StartsWith($"{Tiny} is there already", again.Output, StringComparison.Ordinal);
        Assert.All(["tiny", "generation", "10.2 MB", "2,048", "2,560", "acme/tiny", "gemma-4-e2b", "onnx-community/gemma-4-E2B-it-ONNX"], part => Assert.Contains(part, listed.Output, StringComparison.Ordinal));
        Assert.All(["4,096 tokens", "1, 5", "640 in int8", "3 layers (0, 1, 2): 1 x 64 int8", "model.onnx  10.1 MB  graph", "missing", "nothing"], part => Assert.Contains(part, inspected.Output, StringComparison.Ordinal));
        Assert.Contains("--yes deletes without asking", asked.Errors, StringComparison.Ordinal);
        Assert.Equal((true, false), (existed, Directory.Exists(Tiny)));
        Assert.StartsWith($"Deleted: {Tiny}", removed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAndInspect_AsJson_AreForPrograms()
    {
        var models = Path.Combine(RepositoryFiles.Root, "models");
        var listed = await RunAsync("list", "--from", models, "--json");
        var inspected = await RunAsync("inspect", Path.Combine(models, "router-nano"), "--json");

        using var list = JsonDocument.Parse(listed.Output);
        using var model = JsonDocument.Parse(inspected.Output);
        Assert.Superset(new HashSet<string?> { "router-nano", "sample-coding", "sample-reasoning" }, list.RootElement.GetProperty("models").EnumerateArray().Select(static model => model.GetProperty("name").GetString()).ToHashSet());
        Assert.Equal(3, list.RootElement.GetProperty("aliases").GetArrayLength());
        Assert.Equal("embedding", model.RootElement.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, model.RootElement.GetProperty("kvBytesPerToken").ValueKind);
        Assert.Equal(0, model.RootElement.GetProperty("missing").GetArrayLength());
    }

    [Theory]
    [InlineData("SIGINT")]
    [InlineData("SIGTERM")]
    public async Task Pull_Interrupted_SaysHowToGoOn(string signal)
    {
        const int SentBytes = 1_000_000;
        _hub.StallAfter = static (file, _) => file == "model.onnx" ? SentBytes : null;
        var part = Path.Combine(Tiny + ".partial", "model.onnx.part");

        var (exitCode, output, errors) = await GatewayProcess.RunAsync(Environment(), ["models", "pull", _hub.Repository, "--to", _parent.FullName], async process =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (new FileInfo(part) is not { Exists: true, Length: SentBytes })
            {
                await Task.Delay(20, patience.Token);
            }

            using var kill = Process.Start("kill", ["-s", signal[3..], process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(patience.Token);
        });
        _hub.StallAfter = null;
        var resumed = await RunAsync("pull", _hub.Repository, "--to", _parent.FullName);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"Interrupted. What has come is kept in {Tiny}.partial: run the same command again to go on.", errors, StringComparison.Ordinal);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(_hub.Content("model.onnx").Length, _hub.BytesServed("model.onnx"));
    }

    [Fact]
    public async Task Pull_TheTokenInTheEnvironment_IsShownToTheHub()
    {
        var (exitCode, output, errors) = await RunAsync("pull", _hub.Repository, "--to", _parent.FullName);

        Assert.Equal(0, exitCode);
        Assert.All(_hub.Requests, static request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.DoesNotContain("hf_secret", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "is no model: name a repository as owner/name", "pull", "tiny")]
    [InlineData(2, "--parallel must be from 1 to 32", "pull", "acme/tiny", "--parallel", "0")]
    [InlineData(1, "there is no such repository, revision or file", "pull", "acme/other", "--to", "{parent}")]
    [InlineData(1, "leave --dtype out", "pull", "acme/tiny", "--dtype", "q4", "--to", "{parent}")]
    [InlineData(2, "does not exist", "inspect", "{parent}/nothing")]
    [InlineData(1, "There is no model \"tiny\" in ", "remove", "tiny", "--from", "{parent}")]
    [InlineData(2, "is no name of a model's folder", "remove", "../tiny", "--from", "{parent}")]
    public async Task Commands_ThatCannotBeDone_SayWhy(int expected, string message, params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync([.. arguments.Select(argument => argument.Replace("{parent}", _parent.FullName, StringComparison.Ordinal))]);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Environment() => new() { ["HF_ENDPOINT"] = _hub.Address, ["HF_TOKEN"] = "hf_secret" };

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => GatewayProcess.RunAsync(Environment(), ["models", .. arguments], null);
}
