using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.EmbeddedBackends;

/// <summary>Child processes die, hang on or are left behind; the gateway does not.</summary>
public sealed class EmbeddedBackendTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Child_KilledMidStream_RequestFailsAndChildComesBack()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"coding","stream":true,"max_tokens":1500,"messages":[{"role":"user","content":"Write a long program."}],"response_format":{"type":"json_schema","json_schema":{"name":"long","schema":{"type":"array","items":{"enum":["once more"]},"minItems":900}}}}""", Encoding.UTF8, "application/json"),
        };
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
        foreach (var child in gateway.Children)
        {
            using var process = Process.GetProcessById(child);
            process.Kill();
        }

        var rest = new StringBuilder();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await reader.ReadLineAsync().WaitAsync(_patience) is { } line)
            {
                rest.AppendLine(line);
            }
        });
        await WaitUntilAsync(() => IsReadyAsync(gateway));
        using var again = await gateway.Client.PostAsync("/v1/chat/completions", new StringContent("""{"model":"coding","max_tokens":4,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"));

        Assert.DoesNotContain("[DONE]", rest.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("gateway_embedded_restarts_total{cluster=\"coding\"} 1", await gateway.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_Killed_LeavesNoChildBehind()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var children = gateway.Children;
        Assert.Equal(2, children.Count);

        gateway.Signal("KILL");
        await gateway.WaitForExitAsync();

        await WaitUntilAsync(() => Task.FromResult(children.All(static child => !Directory.Exists($"/proc/{child.ToString(CultureInfo.InvariantCulture)}"))));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Gateway_ToldToStop_EndsCleanlyWithItsChildren(string signal)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var children = gateway.Children;

        gateway.Signal(signal);

        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.All(children, static child => Assert.False(Directory.Exists($"/proc/{child.ToString(CultureInfo.InvariantCulture)}")));
    }

    [Fact]
    public async Task RoutesFile_EditedWell_ThenBadly_RunsTheGoodOne()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var good = await File.ReadAllTextAsync(gateway.RoutesFile);

        await File.WriteAllTextAsync(gateway.RoutesFile, good.Replace("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"coding\"", StringComparison.Ordinal));
        await WaitUntilAsync(async () => (await gateway.Client.GetStringAsync("/metrics")).Contains("gateway_routes_reloads_total 1", StringComparison.Ordinal));
        await File.WriteAllTextAsync(gateway.RoutesFile, good.Replace("\"cluster\": \"coding\"", "\"cluster\": \"codin\"", StringComparison.Ordinal));
        await WaitUntilAsync(async () => (await gateway.Client.GetStringAsync("/readyz")).Contains("codin", StringComparison.Ordinal));

        using var response = await gateway.Client.PostAsync("/v1/chat/completions", new StringContent("""{"model":"route:coding","max_tokens":4,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Serve_FaultyRoutesFile_RefusesWithEveryFault()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("gateway-tests-").FullName, "routes.json");
        await File.WriteAllTextAsync(file, """
            {
              "router": { "classifier": null, "defaultRoute": "general", "dedline": "1s" },
              "clusters": { "main": { "model": "m", "destinations": { "a": "http://127.0.0.1:1/" }, "timeouts": { "idle": "soon" } } },
              "routes": [ { "id": "general", "description": "x", "cluster": "mian", "examples": ["a"] } ]
            }
            """);

        var serve = await GatewayProcess.RunAsync("--routes", file);
        var validate = await GatewayProcess.RunAsync("validate", file);

        Assert.Equal((2, 2), (serve.ExitCode, validate.ExitCode));
        foreach (var errors in (string[])[serve.Errors, validate.Errors])
        {
            Assert.Contains("routes.json:2:", errors, StringComparison.Ordinal);
            Assert.Contains("did you mean \"deadline\"", errors, StringComparison.Ordinal);
            Assert.Contains("routes.json:3:", errors, StringComparison.Ordinal);
            Assert.Contains("did you mean \"main\"", errors, StringComparison.Ordinal);
            Assert.Contains("3 faults", errors, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> IsReadyAsync(GatewayProcess gateway)
    {
        using var response = await gateway.Client.GetAsync("/readyz");
        return response.StatusCode == HttpStatusCode.OK;
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _patience, "it did not happen in time");
            await Task.Delay(50);
        }
    }
}
