using System.Net;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class NetworkRulesTests
{
    [Theory]
    [InlineData("https://api.example.com/", "8.8.8.8", null)]
    [InlineData("http://api.example.com/", "8.8.8.8", "uses http")]
    [InlineData("https://api.example.com:8443/", "8.8.8.8", "uses port 8443")]
    [InlineData("https://api.example.com/", "8.8.8.8 10.0.0.1", "may not reach")]
    [InlineData("https://api.example.com/", "127.0.0.1", "may not reach")]
    [InlineData("http://api.example.com:81/", "10.1.2.3", null)]
    [InlineData("http://api.example.com:81/", "10.1.2.3 ::ffff:10.1.2.4", null)]
    [InlineData("http://api.example.com:81/", "10.1.2.3 8.8.8.8", "uses http")]
    [InlineData("http://api.example.com:81/", "10.1.3.3", "may not reach")]
    [InlineData("http://api.example.com:81/", "64:ff9b::10.1.2.3", "may not reach")]
    [InlineData("http://INSIDE.corp:81/", "192.168.7.7", null)]
    [InlineData("http://inside.corp.:81/", "192.168.7.7", "may not reach")]
    [InlineData("http://sub.inside.corp:81/", "192.168.7.7", "may not reach")]
    [InlineData("http://[fd12::5]:81/", "fd12::5", null)]
    [InlineData("http://[fd12::6]:81/", "fd12::6", "may not reach")]
    public void Fault_HostAndAddresses_AsSettingsSay(string url, string addresses, string? fault)
    {
        // arrange
        var rules = new NetworkRules(new ToolNetwork { Allow = ["10.1.2.0/24", "inside.corp", "fd12::5"] });

        // act
        var found = rules.Fault(new Uri(url), [.. addresses.Split(' ').Select(IPAddress.Parse)]);

        // assert
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_RefusedAddress_IsNotTold()
    {
        // arrange
        var rules = new NetworkRules(new ToolNetwork());

        // act
        var fault = rules.Fault(new Uri("https://api.example.com"), [IPAddress.Parse("10.9.8.7")]);

        // assert
        Assert.DoesNotContain("10.9", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://017700000001/")]
    [InlineData("https://127.1/")]
    [InlineData("https://0/")]
    [InlineData("https://%31%32%37.0.0.1/")]
    [InlineData("https://①②⑦.0.0.1/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    public void FaultOfText_OddSpellingOfClosedAddress_Refused(string url)
    {
        // arrange
        var rules = new NetworkRules(new ToolNetwork());

        // act
        var uri = UrlTemplate.Parse(url);

        // assert: what is no literal address to us is looked up, and its addresses are judged
        Assert.True(uri is null || !IPAddress.TryParse(uri.IdnHost, out _) || rules.FaultOfText(uri) is not null);
        Assert.True(uri is null || uri.IdnHost.Length > 0);
    }
}
