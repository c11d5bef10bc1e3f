using Microsoft.AspNetCore.Http;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolClientSecretTests
{
    [Fact]
    public async Task Call_SecretOfHost_IsSent()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("ok");
        using var tools = new TestHttpTools();
        tools.Show("API.example.com");

        // act
        var result = await tools.CallAsync(Target(server));

        // assert
        Assert.Equal("ok", result.Text);
        Assert.Equal("Bearer " + TestHttpTools.Secret, Assert.Single(server.Requests).Headers["authorization"]);
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("other.example.com")]
    [InlineData("api.example.com.")]
    [InlineData("*.example.com")]
    [InlineData("127.0.0.1")]
    public async Task Call_SecretOfOtherHost_NothingIsSent(string host)
    {
        // arrange
        await using var server = await ToolServer.StartAsync("ok");
        using var tools = new TestHttpTools();
        tools.Show(host);

        // act
        var result = await tools.CallAsync(Target(server));

        // assert
        Assert.True(result.IsError);
        Assert.Contains("\"key\"", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", result.Text + string.Concat(tools.Logged), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Call_SecretThatIsGone_Told()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("ok");
        using var tools = new TestHttpTools();
        tools.Show("api.example.com");
        tools.Settings = tools.Settings with
        {
            Secrets = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(
                new Dictionary<string, ToolSecret> { ["key"] = new(new ClusterCredentials { EnvironmentVariable = "ROUTERGATEWAY_TEST_NO_SUCH_SECRET" }, ["api.example.com"]) }),
        };

        // act
        var result = await tools.CallAsync(Target(server));

        // assert
        Assert.True(result.IsError);
        Assert.Contains("not there", result.Text, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Call_ToolEchoesSecret_IsMasked(int status)
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            var secret = TestHttpTools.Secret;
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync(
                $"{context.Request.Headers.Authorization} {System.Text.Json.JsonSerializer.Serialize(secret)} {Uri.EscapeDataString(secret)} {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))} end");
        });
        using var tools = new TestHttpTools();
        tools.Show("api.example.com");

        // act
        var result = await tools.CallAsync(Target(server));

        // assert
        Assert.EndsWith("Bearer *** \"***\" *** *** end", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ToolEchoesSecretAtTheCut_NoPartOfItShows()
    {
        // act, assert: masks are shorter than secrets, so that what was read behind the cut moves before it, with half a secret at its end
        for (var before = 0; before < TestHttpTools.Secret.Length; before++)
        {
            await using var server = await ToolServer.StartAsync(new string('x', before) + string.Concat(Enumerable.Repeat(TestHttpTools.Secret, 200)), "text/plain");
            using var tools = new TestHttpTools();
            tools.Show("api.example.com");
            tools.Settings = tools.Settings with { MaxResultBytes = 1024 };
            var result = await tools.CallAsync(Target(server));
            Assert.DoesNotContain("s3", result.Text, StringComparison.Ordinal);
            Assert.Contains("[cut:", result.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Call_ToolRedirectsToSecret_IsNeitherShownNorLogged()
    {
        // arrange
        await using var server = await ToolServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = "https://s3cr3t.evil.example/";
            return Task.CompletedTask;
        });
        using var tools = new TestHttpTools();
        tools.Show("api.example.com");
        tools.Resolve = static host => [System.Net.IPAddress.Parse(host == "api.example.com" ? "127.0.0.1" : "10.0.0.1")];

        // act
        var result = await tools.CallAsync(Target(server));

        // assert
        Assert.True(result.IsToolFault);
        Assert.NotEmpty(tools.Logged);
        Assert.DoesNotContain("s3cr3t", result.Text + string.Concat(tools.Logged), StringComparison.Ordinal);
    }

    private static HttpTarget Target(ToolServer server) =>
        TestHttpTools.Target($"http://api.example.com:{server.Port}/", "GET", ("authorization", new ToolHeader { Secret = "key", Prefix = "Bearer " }));
}
