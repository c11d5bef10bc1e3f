using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolCheckTests
{
    [Theory]
    [InlineData("https://api.example.com/{id}", null)]
    [InlineData("http://api.example.com/", "uses http")]
    [InlineData("https://api.example.com:444/", "uses port 444")]
    [InlineData("https://10.0.0.1/", "may not reach")]
    [InlineData("https://0x7f.1/", "may not reach")]
    [InlineData("https://[fd00:ec2::254]/", "may not reach")]
    [InlineData("http://inside.corp:81/{id}", null)]
    [InlineData("nonsense", "no usable URL")]
    public void Fault_Url_AsSettingsSay(string url, string? told)
    {
        // arrange
        var settings = new ToolSettings { Network = new ToolNetwork { Allow = ["inside.corp"] } };

        // act
        var fault = HttpToolCheck.Fault(new HttpTarget { Url = url }, settings);

        // assert
        Assert.Equal(told is null, fault is null);
        Assert.Contains(told ?? "", fault ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key", "https://api.example.com/", null)]
    [InlineData("key", "https://other.example.com/", "may not send")]
    [InlineData("kee", "https://api.example.com/", "none of that name")]
    public void Fault_Secret_OnlyForItsHosts(string secret, string url, string? told)
    {
        // arrange
        using var tools = new TestHttpTools();
        tools.Show("api.example.com");

        // act
        var fault = HttpToolCheck.Fault(TestHttpTools.Target(url, "GET", ("authorization", new ToolHeader { Secret = secret })), tools.Settings);

        // assert
        Assert.Equal(told is null, fault is null);
        Assert.Contains(told ?? "", fault ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_NameThatMayStandForAnOpenNetwork_IsLeftToTheCall()
    {
        // arrange
        var settings = new ToolSettings { Network = new ToolNetwork { Allow = ["10.0.0.0/8"] } };

        // act
        var fault = HttpToolCheck.Fault(new HttpTarget { Url = "http://inside.corp:81/" }, settings);

        // assert
        Assert.Null(fault);
    }
}
