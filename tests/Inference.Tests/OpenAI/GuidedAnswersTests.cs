using System.Net;
using System.Text.Json;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.OpenAI;

/// <summary>Answers of a form that was asked for, of models that would never give it by themselves.</summary>
public sealed class GuidedAnswersTests
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":150},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","age","tags"],"additionalProperties":false}""";
    private const string Tools = """[{"type":"function","function":{"name":"get_weather","description":"Weather of a city.","parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":10},"days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"]}}},{"type":"function","function":{"name":"get_time"}}]""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1.2)]
    public async Task Post_ASchema_IsFollowed(double temperature)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.CompleteAsync(Body($$""" "response_format":{"type":"json_schema","json_schema":{"name":"person","schema":{{Person}} } },"temperature":{{temperature}},"seed":3 """), Cancellation);

        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        var person = JsonElement.Parse(choice.GetProperty("message").GetProperty("content").GetString()!);
        Assert.InRange(person.GetProperty("age").GetInt32(), 0, 150);
        Assert.InRange(person.GetProperty("name").GetString()!.Length, 0, 12);
        Assert.All(person.GetProperty("tags").EnumerateArray(), static tag => Assert.Contains(tag.GetString(), (string[])["a", "b"]));
        Assert.Equal(3, person.EnumerateObject().Count());
    }

    [Fact]
    public async Task Post_AnyJsonObject_IsOneOrWasCutByItsLimit()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.CompleteAsync(Body(""" "response_format":{"type":"json_object"},"n":4,"temperature":1,"seed":1 """), Cancellation);

        foreach (var choice in answer.GetProperty("choices").EnumerateArray())
        {
            var content = choice.GetProperty("message").GetProperty("content").GetString()!;
            Assert.StartsWith("{", content, StringComparison.Ordinal);
            if (choice.GetProperty("finish_reason").GetString() == "stop")
            {
                Assert.Equal(JsonValueKind.Object, JsonElement.Parse(content).ValueKind);
            }
        }
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type":"function","function":{"name":"get_weather"}}""")]
    public async Task Post_ACallDemanded_IsMadeWholeAndStreamed(string choice)
    {
        await using var server = await TestServer.StartAsync();
        var fields = $$""" "tools":{{Tools}},"tool_choice":{{choice}},"parallel_tool_calls":false,"temperature":0.9,"seed":11 """;

        var whole = (await server.CompleteAsync(Body(fields), Cancellation)).GetProperty("choices")[0];
        var events = await server.StreamAsync(Body(fields + ",\"stream\":true"), Cancellation);

        Assert.Equal("tool_calls", whole.GetProperty("finish_reason").GetString());
        var call = Assert.Single(whole.GetProperty("message").GetProperty("tool_calls").EnumerateArray()).GetProperty("function");
        var name = call.GetProperty("name").GetString();
        Assert.Contains(name, choice.Contains("get_weather", StringComparison.Ordinal) ? ["get_weather"] : (string[])["get_weather", "get_time"]);
        var arguments = call.GetProperty("arguments").GetString()!;
        if (name == "get_weather")
        {
            Assert.InRange(JsonElement.Parse(arguments).GetProperty("days").GetInt32(), 1, 9);
            Assert.Equal(JsonValueKind.String, JsonElement.Parse(arguments).GetProperty("city").ValueKind);
        }

        var deltas = events[..^1].Select(static data => JsonElement.Parse(data).GetProperty("choices")[0]).ToArray();
        Assert.Equal("tool_calls", deltas[^1].GetProperty("finish_reason").GetString());
        var calls = deltas.Select(static delta => delta.GetProperty("delta")).Where(static delta => delta.TryGetProperty("tool_calls", out _)).Select(static delta => delta.GetProperty("tool_calls")[0].GetProperty("function")).ToArray();
        Assert.Equal(name, calls[0].GetProperty("name").GetString());
        Assert.Equal(arguments, string.Concat(calls.Select(static part => part.TryGetProperty("arguments", out var piece) ? piece.GetString() : "")));
    }

    [Theory]
    [InlineData(""" "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"nonsense"}}} """, "response_format")]
    [InlineData(""" "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"string","minLength":5,"maxLength":2}}} """, "response_format")]
    public async Task Post_ASchemaThatCannotBeFollowed_IsRefused(string fields, string parameter)
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.PostAsync(Body(fields), Cancellation);

        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, parameter), (response.StatusCode, error.GetProperty("param").GetString()));
        Assert.StartsWith("The schema cannot be followed", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await server.CompleteAsync(Body("\"temperature\":0"), Cancellation);
    }

    [Fact]
    public async Task Post_LogProbabilities_AreOfTheChosenAndTheLikeliest()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.CompleteAsync(Body(""" "logprobs":true,"top_logprobs":3,"temperature":0"""), Cancellation);

        var tokens = answer.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray().ToArray();
        Assert.NotEmpty(tokens);
        foreach (var token in tokens)
        {
            var top = token.GetProperty("top_logprobs").EnumerateArray().ToArray();
            Assert.Equal(3, top.Length);
            Assert.Equal(token.GetProperty("token").GetString(), top[0].GetProperty("token").GetString()); // greedy
            Assert.Equal(token.GetProperty("logprob").GetDouble(), top[0].GetProperty("logprob").GetDouble(), 4);
            Assert.True(top[0].GetProperty("logprob").GetDouble() >= top[1].GetProperty("logprob").GetDouble() && top.Sum(static entry => Math.Exp(entry.GetProperty("logprob").GetDouble())) <= 1.001);
        }
    }

    [Fact]
    public async Task Post_TheSameSeed_GivesTheSameAnswersWhateverWasKept()
    {
        await using var server = await TestServer.StartAsync();
        var body = Body(""" "n":3,"temperature":1.1,"seed":77,"presence_penalty":0.4 """);

        var first = Contents(await server.CompleteAsync(body, Cancellation));
        var second = Contents(await server.CompleteAsync(body, Cancellation)); // of kept prefixes

        Assert.Equal(first, second);
        Assert.Equal(3, first.Distinct().Count());
    }

    [Fact]
    public async Task Post_ACallDemandedOfAModelThatThinks_IsMade()
    {
        using var folder = Gemma4Format.CopyOf("sample-coding");
        await using var server = await TestServer.StartAsync(folder: folder.Path);

        var answer = await server.CompleteAsync(Body($$""" "tools":{{Tools}},"tool_choice":"required","temperature":0,"chat_template_kwargs":{"enable_thinking":true} """), Cancellation);

        Assert.Equal("tool_calls", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Post_AThoughtThatAnEarlierTurnLeftOpen_DoesNotFreeTheAnswer()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.WriteAllText(folder.File("chat_template.jinja"), "<bos><|turn>model\n<|channel>thought\nhm\n<|turn>user\n{{ messages[0].content }}<turn|>\n<|turn>model\n");
        await using var server = await TestServer.StartAsync(folder: folder.Path);

        var answer = await server.CompleteAsync(Body($$""" "response_format":{"type":"json_schema","json_schema":{"name":"person","schema":{{Person}} } },"temperature":0 """), Cancellation);

        var content = answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        Assert.Equal(3, JsonElement.Parse(content).EnumerateObject().Count());
    }

    [Fact]
    public async Task Post_AToolWhoseNameHasSlashAndColon_IsCalledWhenDemanded()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.CompleteAsync(Body(""" "tools":[{"type":"function","function":{"name":"mcp/fs:read","parameters":{"type":"object","properties":{},"additionalProperties":false}}}],"tool_choice":"required","parallel_tool_calls":false """), Cancellation);

        var call = Assert.Single(answer.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls").EnumerateArray()).GetProperty("function");
        Assert.Equal(("mcp/fs:read", "{}"), (call.GetProperty("name").GetString(), call.GetProperty("arguments").GetString()));
    }

    private static string[] Contents(JsonElement answer) => [.. answer.GetProperty("choices").EnumerateArray().Select(static choice => choice.GetProperty("message").GetProperty("content").GetString()!)];

    private static string Body(string fields) => $$"""{"messages":[{"role":"user","content":"Tell me about Ada."}],"max_tokens":200,{{fields}}}""";
}
