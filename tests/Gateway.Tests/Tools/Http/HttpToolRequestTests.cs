using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolRequestTests
{
    [Theory]
    [InlineData("Berlin", "/v1/Berlin/now")]
    [InlineData("a/b", "/v1/a%2Fb/now")]
    [InlineData("../admin", "/v1/..%2Fadmin/now")]
    [InlineData("a?b=c#d", "/v1/a%3Fb%3Dc%23d/now")]
    [InlineData("%2e%2e", "/v1/%252e%252e/now")]
    [InlineData("..;/x", "/v1/..%3B%2Fx/now")]
    [InlineData("a\\b", "/v1/a%5Cb/now")]
    [InlineData("Zürich 1", "/v1/Z%C3%BCrich%201/now")]
    [InlineData("a\r\nb", "/v1/a%0D%0Ab/now")]
    [InlineData("{city}", "/v1/%7Bcity%7D/now")]
    [InlineData("@evil.example", "/v1/%40evil.example/now")]
    public void Build_ArgumentOfPath_StaysOneSegment(string city, string path)
    {
        // arrange
        var target = new HttpTarget { Url = "https://api.example.com/v1/{city}/now?units=c", Method = "GET" };

        // act
        var (request, fault) = HttpToolRequest.Build(target, Arguments(JsonSerializer.Serialize(new { city })));

        // assert
        Assert.Null(fault);
        Assert.Equal(path, request!.Uri.AbsolutePath);
        Assert.Equal("?units=c", request.Uri.Query);
        Assert.Equal("api.example.com", request.Uri.Host);
    }

    [Theory]
    [InlineData("""{}""", "\"city\"")]
    [InlineData("""{"city":null}""", "\"city\"")]
    [InlineData("""{"city":""}""", "empty")]
    [InlineData("""{"city":["a"]}""", "\"city\"")]
    [InlineData("""{"city":{}}""", "\"city\"")]
    [InlineData("""{"city":".."}""", "..")]
    [InlineData("""{"city":"."}""", "..")]
    [InlineData("""{"city":"\ud800"}""", "\"city\"")]
    public void Build_ArgumentThatMakesNoSegment_Told(string arguments, string told)
    {
        // act
        var (request, fault) = HttpToolRequest.Build(new HttpTarget { Url = "https://api.example.com/v1/{city}", Method = "GET" }, Arguments(arguments));

        // assert
        Assert.Null(request);
        Assert.Contains(told, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":".","b":"."}""")]
    [InlineData("""{"a":"..","b":""}""")]
    public void Build_DotsOfTwoArguments_Refused(string arguments)
    {
        // act
        var (request, _) = HttpToolRequest.Build(new HttpTarget { Url = "https://api.example.com/v1/{a}{b}/x", Method = "GET" }, Arguments(arguments));

        // assert
        Assert.Null(request);
    }

    [Fact]
    public void Build_Get_RestBecomesQuery()
    {
        // arrange
        var target = new HttpTarget { Url = "https://api.example.com/?k=1", Method = "GET", Query = ["tags"] };

        // act
        var (request, _) = HttpToolRequest.Build(target, Arguments("""{"z":1.50,"tags":["a b","c&d",null],"o":{"x":[1]},"n":null,"t":true}"""));

        // assert
        Assert.Equal("?k=1&tags=a%20b&tags=c%26d&o=%7B%22x%22%3A%5B1%5D%7D&t=true&z=1.50", request!.Uri.Query);
        Assert.Null(request.Body);
    }

    [Fact]
    public void Build_Post_RestBecomesBody()
    {
        // arrange
        var target = new HttpTarget
        {
            Url = "https://api.example.com/{id}",
            Query = ["page"],
            Headers = ImmutableSortedDictionary<string, ToolHeader>.Empty.Add("x-tenant", new ToolHeader { Argument = "tenant" }).Add("x-fixed", new ToolHeader { Text = "7" }),
        };

        // act
        var (request, _) = HttpToolRequest.Build(target, Arguments("""{"id":7,"page":2,"tenant":"t1","big":12345678901234567890.10,"list":[1, {"a":null}]}"""));

        // assert
        Assert.Equal("https://api.example.com/7?page=2", request!.Uri.AbsoluteUri);
        Assert.Equal("""{"big":12345678901234567890.10,"list":[1, {"a":null}]}""", Encoding.UTF8.GetString(request.Body!));
        Assert.Equal([new("x-fixed", "7"), new("x-tenant", "t1")], request.Headers);
    }

    [Fact]
    public void Build_BodyArgument_IsTheWholeBody()
    {
        // arrange
        var target = new HttpTarget { Url = "https://api.example.com/", Method = "PUT", Body = "items" };

        // act
        var (request, _) = HttpToolRequest.Build(target, Arguments("""{"items":[1,2],"dry":true}"""));

        // assert
        Assert.Equal("[1,2]", Encoding.UTF8.GetString(request!.Body!));
        Assert.Equal("?dry=true", request.Uri.Query);
    }

    [Theory]
    [InlineData("""{"h":"a\r\nx-evil: 1"}""")]
    [InlineData("""{"h":"a\nb"}""")]
    [InlineData("""{"h":"a\u0000b"}""")]
    [InlineData("""{"h":"ü"}""")]
    [InlineData("""{"h":"\udc00"}""")]
    [InlineData("""{"h":["a"]}""")]
    public void Build_HeaderThatIsNoLine_Refused(string arguments)
    {
        // arrange
        var target = new HttpTarget { Url = "https://api.example.com/", Headers = ImmutableSortedDictionary<string, ToolHeader>.Empty.Add("x-h", new ToolHeader { Argument = "h" }) };

        // act
        var (request, fault) = HttpToolRequest.Build(target, Arguments(arguments));

        // assert
        Assert.Null(request);
        Assert.Contains("\"h\"", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_LongUrl_Refused()
    {
        // act
        var (request, fault) = HttpToolRequest.Build(
            new HttpTarget { Url = "https://api.example.com/", Method = "GET" }, Arguments($$"""{"q":"{{new string('x', 20_000)}}"}"""));

        // assert
        Assert.Null(request);
        Assert.Contains("16384", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_FuzzedArgumentsAndUrls_NeverThrowsNorLeavesHostAndPath()
    {
        // arrange
        var random = new Random(4711);
        string[] urls =
        [
            "https://api.example.com/v1/{a}", "https://api.example.com/v1/{a}{b}/c?k={x}", "https://api.example.com/v1/x{a}y", "http://api.example.com", "https://api.example.com\\{a}",
            "https://{a}/", "https://api.example.com?{a}", "//{a}/{b}", "https:/{a}", "{a}", "https://api.example.com/{{a}}/{}", "https://api.example.com/v1/..{a}/%2e{b}",
        ];
        string[] methods = ["GET", "POST", "DELETE", "PATCH"];

        // act, assert
        for (var round = 0; round < 10_000; round++)
        {
            var url = random.Next(4) == 0 ? FuzzText.Mutate(random, urls[random.Next(urls.Length)]) : urls[random.Next(urls.Length)];
            var target = new HttpTarget
            {
                Url = url,
                Method = methods[random.Next(methods.Length)],
                Query = random.Next(2) == 0 ? [] : ["b", FuzzText.Next(random)],
                Body = random.Next(4) == 0 ? "b" : null,
                Headers = random.Next(2) == 0 ? ImmutableSortedDictionary<string, ToolHeader>.Empty : ImmutableSortedDictionary<string, ToolHeader>.Empty.Add("x-h", new ToolHeader { Argument = "c" }),
            };
            var (request, fault) = HttpToolRequest.Build(target, FuzzText.Arguments(random));
            Assert.True(request is null != fault is null);
            if (request is not null && urls.Contains(url) && url.StartsWith("https://api.example.com/v1/", StringComparison.Ordinal)) // a mutated one may lead elsewhere by itself
            {
                Assert.Equal("api.example.com", request.Uri.Host);
                Assert.StartsWith("/v1/", request.Uri.AbsolutePath, StringComparison.Ordinal);
            }

            Assert.True(request is null || request.Headers.All(static header => ArgumentText.IsHeaderValue(header.Value)));
        }
    }

    private static Dictionary<string, JsonElement> Arguments(string json) =>
        JsonElement.Parse(json).EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value);
}
