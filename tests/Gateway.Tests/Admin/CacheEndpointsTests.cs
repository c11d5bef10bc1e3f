using System.Net;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Admin;

public sealed class CacheEndpointsTests
{
    [Fact]
    public async Task Get_AFreshGateway_NothingIsRemembered()
    {
        await using var gateway = await StartAsync();

        var statistics = await gateway.Client.GetJsonAsync("/admin/cache");

        Assert.Equal((0, 0, 50_000), (statistics.GetProperty("decisions").GetInt32(), statistics.GetProperty("sessions").GetInt32(), statistics.GetProperty("capacity").GetInt32()));
        Assert.Equal("""{"memory":0,"redis":0,"similar":0}""", statistics.GetProperty("hits").GetRawText());
        Assert.Equal("""{"kept":0,"capacity":10000}""", statistics.GetProperty("receipts").GetRawText());
        Assert.Equal("null", statistics.GetProperty("redis").GetRawText());
    }

    [Theory]
    [InlineData("", "null")]
    [InlineData("{}", "null")]
    [InlineData("""{"route":null}""", "null")]
    [InlineData("""{"route":"general"}""", "\"general\"")]
    public async Task Flush_AGoodBody_SaysWhatWasForgotten(string body, string route)
    {
        await using var gateway = await StartAsync();

        var flushed = await gateway.Client.PostJsonAsync("/admin/cache/flush", body);

        Assert.Equal($$"""{"route":{{route}},"memory":0,"redis":0}""", flushed.GetRawText());
    }

    [Theory]
    [InlineData("""{"route":"generl"}""", "invalid_request", "There is no route \"generl\"; did you mean \"general\"?")]
    [InlineData("""{"route":7}""", "invalid_request", "\"route\" must be the id of a route.")]
    [InlineData("""{"routes":"general"}""", "invalid_request", "{\"route\":\"<id>\"}")]
    [InlineData("[]", "invalid_request", "{\"route\":\"<id>\"}")]
    [InlineData("{", "invalid_json", "is not JSON")]
    [InlineData("""{"route":"\ud800"}""", "invalid_json", "is not JSON")]
    public async Task Flush_ABadBody_SaysWhatIsAllowed(string body, string code, string message)
    {
        await using var gateway = await StartAsync();

        using var response = await gateway.Client.PostTextAsync("/admin/cache/flush", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static Task<GatewayHost> StartAsync() => GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"));
}
