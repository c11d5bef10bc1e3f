using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Cli;

/// <summary>The verbs <c>bench kv</c> and <c>models calibrate</c> on a copy of a shipped model.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bench-tests-");

    public BenchCommandTests()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "models", "sample-reasoning")))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task BenchKv_AShippedModel_Int8KeepsWhatItPromises()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("bench", "kv", _folder.FullName, "--tokens", "300", "--json");

        Assert.Equal((0, ""), (exitCode, errors));
        using var document = JsonDocument.Parse(output);
        var modes = document.RootElement.GetProperty("modes").EnumerateArray().ToDictionary(static mode => mode.GetProperty("kvCache").GetString()!);
        Assert.Equal(["none", "int8", "int8-per-token-head", "int4"], modes.Keys);
        Assert.Equal(_folder.Name, document.RootElement.GetProperty("model").GetString());
        Assert.Equal((2560, 640, 672, 320), (Bytes("none"), Bytes("int8"), Bytes("int8-per-token-head"), Bytes("int4")));
        Assert.All(modes.Values, static mode => Assert.Equal(mode.GetProperty("bytesPerToken").GetInt64() * 4 * 2048, mode.GetProperty("poolBytes").GetInt64()));
        Assert.All(modes.Values, static mode => Assert.Equal(2048, mode.GetProperty("longestContextTokens").GetInt32()));
        Assert.True(modes["int8"].GetProperty("top1Agreement").GetDouble() >= 0.97);
        Assert.InRange(modes["int8"].GetProperty("perplexityRatio").GetDouble(), 0.99, 1.01);
        Assert.InRange(modes["int8-per-token-head"].GetProperty("kl").GetDouble(), 0, modes["int8"].GetProperty("kl").GetDouble());
        Assert.InRange(modes["int4"].GetProperty("kl").GetDouble(), modes["int8"].GetProperty("kl").GetDouble(), 1);
        Assert.All(modes.Values, static mode => Assert.Equal(["100", "500", "2000"], mode.GetProperty("tokensPerSecond").EnumerateObject().Select(static speed => speed.Name)));

        int Bytes(string mode) => modes[mode].GetProperty("bytesPerToken").GetInt32();
    }

    [Fact]
    public async Task Calibrate_AModelAndAText_WritesTheFileThatTheServerUses()
    {
        var text = Path.Combine(_folder.FullName, "text.txt");
        await File.WriteAllTextAsync(text, string.Join('\n', Enumerable.Repeat("Tom has 3 boxes with 12 eggs each.", 20)));

        var (exitCode, output, errors) = await GatewayProcess.RunAsync("models", "calibrate", _folder.FullName, "--text", text);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("kv_calibration.json: calibrated over ", output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "kv_calibration.json")));
        Assert.Equal(8, document.RootElement.GetProperty("absMax").EnumerateObject().Count());
    }

    [Theory]
    [InlineData("does not exist", "bench", "kv", "/no/such/folder")]
    [InlineData("does not exist", "models", "calibrate", "/no/such/folder")]
    [InlineData("name the folder of a text decoder", "models", "calibrate", "router-nano")]
    [InlineData("Could not find", "models", "calibrate", "sample-coding", "--text", "/no/such/text")]
    public async Task Commands_BadArguments_SayWhatIsWrong(string fault, params string[] arguments)
    {
        arguments[2] = Path.Combine(RepositoryFiles.Root, "models", arguments[2]);

        var (exitCode, output, errors) = await GatewayProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(fault, errors, StringComparison.Ordinal);
    }
}
