using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolClientTlsTests
{
    [Theory]
    [InlineData("tools.example.com", true)]
    [InlineData("other.example.com", false)]
    [InlineData("127.0.0.1", false)]
    public async Task Call_Certificate_IsCheckedForTheHostAndNotForTheAddress(string host, bool isGood)
    {
        // arrange
        using var certificate = Certificate("tools.example.com");
        await using var server = await ToolServer.StartAsync(static context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "safe"), certificate);
        using var tools = new TestHttpTools(Trusting(certificate));

        // act
        var result = await tools.CallAsync($"https://{host}:{server.Port}/");

        // assert
        Assert.Equal(isGood ? "safe" : "The tool's TLS certificate or handshake is not good.", result.Text);
        Assert.Equal(!isGood, result.IsToolFault);
    }

    [Fact]
    public async Task Call_TwoHostsAtOneAddress_DoNotShareAConnection()
    {
        // arrange: good for one of them; had the second used the connection of the first, nobody would have noticed
        using var certificate = Certificate("tools.example.com");
        await using var server = await ToolServer.StartAsync(static context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "safe"), certificate);
        using var tools = new TestHttpTools(Trusting(certificate));

        // act
        var first = await tools.CallAsync($"https://tools.example.com:{server.Port}/");
        var second = await tools.CallAsync($"https://other.example.com:{server.Port}/");

        // assert
        Assert.False(first.IsError);
        Assert.True(second.IsToolFault);
    }

    [Fact]
    public async Task Call_CertificateOfNobody_Refused()
    {
        // arrange
        using var certificate = Certificate("tools.example.com");
        await using var server = await ToolServer.StartAsync(static _ => Task.CompletedTask, certificate);
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"https://tools.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.Empty(server.Requests);
    }

    private static X509ChainPolicy Trusting(X509Certificate2 certificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(certificate);
        return policy;
    }

    private static X509Certificate2 Certificate(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
