using System.Net;
using Microsoft.AspNetCore.Http;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolClientNetworkTests
{
    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://0x7f.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://017700000001:{0}/")]
    [InlineData("http://127.0.0.1.:{0}/")]
    [InlineData("http://%31%32%37.0.0.1:{0}/")]
    [InlineData("http://①②⑦.0.0.1:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://user@127.0.0.1:{0}/")]
    public async Task Call_LoopbackInAnySpelling_Refused(string url)
    {
        // arrange
        await using var server = await ToolServer.StartAsync("inside");
        using var tools = new TestHttpTools();
        tools.Settings = new ToolSettings { Network = new ToolNetwork { Schemes = ["http"], Ports = [server.Port] } };

        // act
        var result = await tools.CallAsync(url.Replace("{0}", $"{server.Port}", StringComparison.Ordinal));

        // assert
        Assert.True(result.IsError);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Call_Rebinding_HostIsLookedUpOnce()
    {
        // arrange: an allowed address at first, a forbidden one whenever somebody asks again
        await using var server = await ToolServer.StartAsync("allowed", "text/plain");
        using var tools = new TestHttpTools();
        tools.Resolve = _ => [IPAddress.Parse(tools.Resolved.Count == 1 ? "127.0.0.1" : "127.0.0.2")];
        var url = $"http://rebind.example.com:{server.Port}/";

        // act
        var first = await tools.CallAsync(url);
        var second = await tools.CallAsync(url);

        // assert: what was checked is what is connected to, and an open connection helps nobody around the check
        Assert.Equal("allowed", first.Text);
        Assert.True(second.IsToolFault);
        Assert.Equal(2, tools.Resolved.Count);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Call_OneOfManyAddressesIsPrivate_RefusedWithoutNamingIt()
    {
        // arrange
        using var tools = new TestHttpTools();
        tools.Resolve = _ => [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.7.7.7")];

        // act
        var result = await tools.CallAsync("https://api.example.com/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.Contains("may not reach", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.7", result.Text + string.Concat(tools.Logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ReloadForbidsAddress_OpenConnectionsAreNotUsed()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("x", "text/plain");
        using var tools = new TestHttpTools();
        var url = $"http://api.example.com:{server.Port}/";
        await tools.CallAsync(url);
        await tools.CallAsync(url);

        // act
        tools.Settings = new ToolSettings();
        var result = await tools.CallAsync(url);

        // assert
        Assert.True(result.IsToolFault);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Select(static request => request.ConnectionId).Distinct());
    }

    [Fact]
    public async Task Call_FirstAddressIsDead_NextIsTried()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("x", "text/plain");
        using var tools = new TestHttpTools();
        tools.Settings = tools.Settings with { Network = new ToolNetwork { Allow = ["127.0.0.0/8"] } };
        tools.Resolve = _ => [IPAddress.Parse("127.9.9.9"), IPAddress.Loopback];

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/", "POST");

        // assert
        Assert.Equal("x", result.Text);
    }

    [Fact]
    public async Task Call_UnknownHost_IsTheToolsFault()
    {
        // arrange
        using var tools = new TestHttpTools();
        tools.Resolve = static _ => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound);

        // act
        var result = await tools.CallAsync("https://nowhere.example.com/");

        // assert
        Assert.True(result.IsToolFault);
    }

    [Fact]
    public async Task Call_RedirectsOfGet_FollowedThreeTimes()
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            var left = int.Parse(context.Request.Query["left"]!, System.Globalization.CultureInfo.InvariantCulture);
            if (left > 0)
            {
                context.Response.Redirect($"/next?left={left - 1}");
                return Task.CompletedTask;
            }

            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("there");
        });
        using var tools = new TestHttpTools();

        // act
        var three = await tools.CallAsync($"http://api.example.com:{server.Port}/", arguments: """{"left":3}""");
        var four = await tools.CallAsync($"http://api.example.com:{server.Port}/", arguments: """{"left":4}""");

        // assert
        Assert.Equal("there", three.Text);
        Assert.True(four.IsError);
        Assert.Equal(8, tools.Resolved.Count); // each hop anew
    }

    [Theory]
    [InlineData("http://inside.example.com/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("//0x0a.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/")]
    [InlineData("http://u:p@api.example.com/")]
    [InlineData("http://[")]
    [InlineData("")]
    public async Task Call_RedirectToWhereToolsMayNotLead_Refused(string location)
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });
        using var tools = new TestHttpTools();
        tools.Resolve = static host => [host == "inside.example.com" ? IPAddress.Parse("10.0.0.1") : IPAddress.Loopback];

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsError);
        Assert.DoesNotContain("inside", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", 302)]
    [InlineData("POST", 307)]
    [InlineData("DELETE", 301)]
    public async Task Call_RedirectOfOtherMethods_Refused(string method, int status)
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/next";
            return Task.CompletedTask;
        });
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/", method);

        // assert
        Assert.True(result.IsError);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Call_RedirectAwayAndBack_HeadersStayBehind()
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            var next = context.Request.Path.Value switch { "/one" => "//other.example.com:PORT/two", "/two" => "//api.example.com:PORT/three", _ => null };
            if (next is not null)
            {
                context.Response.Redirect(next.Replace("PORT", $"{context.Connection.LocalPort}", StringComparison.Ordinal));
                return Task.CompletedTask;
            }

            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("there");
        });
        using var tools = new TestHttpTools();
        tools.Show("api.example.com", "other.example.com");
        var target = TestHttpTools.Target(
            $"http://api.example.com:{server.Port}/one", "GET", ("authorization", new ToolHeader { Secret = "key" }), ("x-a", new ToolHeader { Argument = "a" }), ("x-t", new ToolHeader { Text = "t" }));

        // act
        var result = await tools.CallAsync(target, """{"a":"1"}""");

        // assert
        Assert.Equal("there", result.Text);
        Assert.Equal([true, false, false], server.Requests.Select(static request => request.Headers.ContainsKey("authorization")));
        Assert.Equal([true, false, false], server.Requests.Select(static request => request.Headers.ContainsKey("x-a")));
        Assert.Equal([true, false, false], server.Requests.Select(static request => request.Headers.ContainsKey("x-t")));
    }
}
