using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Admin;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Admin;

public sealed class AdminGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:8080")]
    [InlineData("127.0.0.1", "LOCALHOST")]
    [InlineData("127.8.0.1", "127.0.0.1:8080")]
    [InlineData("::1", "[::1]:8080")]
    [InlineData("::ffff:127.0.0.1", "localhost")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "http://localhost:8080")]
    [InlineData("127.0.0.1", "localhost:80", "Origin", "http://localhost")]
    [InlineData("127.0.0.1", "localhost:8080", "Authorization", "Bearer whatever")]
    public async Task Invoke_WithoutAKeyFromThisMachine_IsServed(string remote, string host, string? header = null, string value = "") =>
        Assert.Equal(200, await InvokeAsync("/admin/decisions", null, remote, host, header, value));

    [Theory]
    [InlineData("10.0.0.7", "localhost:8080")]
    [InlineData("::ffff:10.0.0.7", "localhost:8080")]
    [InlineData(null, "localhost:8080")]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.0.0.1", "attacker.example")] // DNS rebinding
    [InlineData("127.0.0.1", "localhost.attacker.example:8080")]
    [InlineData("127.0.0.1", "10.0.0.7")]
    [InlineData("127.0.0.1", "localhost:8080", "X-Forwarded-For", "10.0.0.7")]
    [InlineData("127.0.0.1", "localhost:8080", "x-forwarded-host", "gateway.example")]
    [InlineData("127.0.0.1", "localhost:8080", "Forwarded", "for=10.0.0.7")]
    [InlineData("127.0.0.1", "localhost:8080", "X-Real-IP", "10.0.0.7")]
    [InlineData("127.0.0.1", "localhost:8080", "Via", "1.1 proxy")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "https://attacker.example")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "null")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "http://localhost:3000")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "http://localhost:8080.attacker.example")]
    [InlineData("127.0.0.1", "localhost:8080", "Origin", "")]
    public async Task Invoke_WithoutAKeyFromElsewhere_IsForbidden(string? remote, string host, string? header = null, string value = "") =>
        Assert.Equal(403, await InvokeAsync("/admin/decisions", null, remote, host, header, value));

    [Theory]
    [InlineData("Authorization", "Bearer right")]
    [InlineData("Authorization", "bearer  right")]
    [InlineData("X-Admin-Key", "right")]
    public async Task Invoke_TheKey_IsServedFromAnywhere(string header, string value) =>
        Assert.Equal(200, await InvokeAsync("/admin/decisions", "right", "10.0.0.7", "gateway.example", header, value));

    [Theory]
    [InlineData(null)]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "right")]
    [InlineData("Authorization", "Basic right")]
    [InlineData("X-Admin-Key", "righ")]
    [InlineData("X-Admin-Key", "Right")]
    [InlineData("X-Admin-Key", "")]
    public async Task Invoke_AnotherKey_IsUnauthorizedEvenHere(string? header, string value = "") =>
        Assert.Equal(401, await InvokeAsync("/admin/decisions", "right", "127.0.0.1", "localhost", header, value));

    [Theory]
    [InlineData("/admin", 403)]
    [InlineData("/admin/", 403)]
    [InlineData("/ADMIN/cache", 403)]
    [InlineData("/admin/nothing/here", 403)]
    [InlineData("/administration", 200)]
    [InlineData("/v1/models", 200)]
    public async Task Invoke_APath_OnlyAdminIsGuarded(string path, int status) => Assert.Equal(status, await InvokeAsync(path, null, "10.0.0.7", "localhost", null, ""));

    [Fact]
    public async Task Get_WithoutTheKey_IsAnErrorInItsShape()
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), configure: static options => options.AdminKey = "right");
        gateway.Client.DefaultRequestHeaders.Remove("x-admin-key");

        using var refused = await gateway.Client.GetAsync("/admin/decisions");
        gateway.Client.DefaultRequestHeaders.Add("x-admin-key", "right");
        using var served = await gateway.Client.GetAsync("/admin/decisions");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (refused.StatusCode, served.StatusCode));
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.NotNull(refused.Header("x-request-id"));
        var error = await refused.ErrorAsync();
        Assert.Equal(("authentication_error", "unauthorized"), (error.Type, error.Code));
        Assert.DoesNotContain("right", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_FromAProxyOfThisMachine_IsAnErrorInItsShape()
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/cache");
        request.Headers.Add("X-Forwarded-For", "10.0.0.7");

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal(("permission_error", "forbidden"), (error.Type, error.Code));
        Assert.Contains("X-Forwarded-For", error.Message, StringComparison.Ordinal);
        Assert.Contains("ROUTERGATEWAY_ADMIN_KEY", error.Message, StringComparison.Ordinal);
    }

    private static async Task<int> InvokeAsync(string path, string? key, string? remote, string host, string? header, string value)
    {
        var guard = new AdminGuard(static _ => Task.CompletedTask, Options.Create(new GatewayOptions { AdminKey = key }), NullLogger<AdminGuard>.Instance);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        context.Request.Scheme = "http";
        context.Request.Host = new HostString(host);
        context.Request.Path = path;
        if (header is not null)
        {
            context.Request.Headers[header] = value;
        }

        await guard.InvokeAsync(context);
        return context.Response.StatusCode;
    }
}
