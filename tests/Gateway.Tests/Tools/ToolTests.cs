using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Tools;

/// <summary>Steps that tests of tools share.</summary>
internal static class ToolTests
{
    /// <summary>Lets tools of callers lead to this machine.</summary>
    public const string LocalNetwork = """ "network": { "allow": ["127.0.0.1"] } """;

    public static string WeatherSchema => """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""";

    /// <summary>A definition of an HTTP tool.</summary>
    public static string HttpTool(string name, string url, string more = "") =>
        $$"""{"name":"{{name}}","description":"Tells about {{name}}","parameters":{{WeatherSchema}},"type":"http","http":{"url":"{{url}}"}{{more}}}""";

    /// <summary>A definition of a tool that its caller runs.</summary>
    public static string Client(string name, string more = "") =>
        $$"""{"name":"{{name}}","description":"Tells about {{name}}","parameters":{{WeatherSchema}}{{more}}}""";

    public static async Task<HttpResponseMessage> SendAsync(this GatewayHost host, HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await host.Client.SendAsync(request);
    }

    /// <summary>Sends what must succeed.</summary>
    public static async Task<JsonObject> JsonAsync(this GatewayHost host, HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var answer = await host.SendAsync(method, path, body, key);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }

    public static Task<JsonObject> RegisterAsync(this GatewayHost host, string definition, string? key = null) => host.JsonAsync(HttpMethod.Post, "/v1/tools", definition, key);

    public static string[] Names(this JsonObject list) => [.. list["tools"]!.AsArray().Select(static tool => (string)tool!["name"]!)];

    /// <summary>A chat completion with calls.</summary>
    public static string Calls(params (string Id, string Name, string Arguments)[] calls) => new JsonObject
    {
        ["id"] = "c1",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = null,
                ["tool_calls"] = new JsonArray([.. calls.Select(static call => new JsonObject
                {
                    ["id"] = call.Id,
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
                })]),
            },
            ["finish_reason"] = "tool_calls",
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 4, ["total_tokens"] = 14, ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 2 } },
    }.ToJsonString();

    /// <summary>A model that gives one answer after the other; a text that begins with "data" as a stream. Then it fails.</summary>
    public static Task<FakeDestination> ScriptAsync(params string[] answers)
    {
        var left = new ConcurrentQueue<string>(answers);
        return FakeDestination.StartAsync(context =>
        {
            if (!left.TryDequeue(out var answer))
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            }

            return AnswerAsync(context, answer);
        });
    }

    /// <summary>Gives one answer; a text that begins with "data" as a stream.</summary>
    public static Task AnswerAsync(HttpContext context, string answer)
    {
        context.Response.ContentType = answer.StartsWith("data", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
        return context.Response.WriteAsync(answer);
    }

    /// <summary>One event of a stream.</summary>
    public static string Chunk(string id, string choices, string more = "") => $$"""data: {"id":"{{id}}","object":"chat.completion.chunk","created":1,"model":"m","choices":{{choices}}{{more}}}""" + "\n\n";

    /// <summary>A streamed completion that calls a tool with a city.</summary>
    public static string CallStream(string name, string city) =>
        Chunk("a", $$$"""[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"{{{name}}}","arguments":""}}]},"finish_reason":null}]""")
        + Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]""")
        + Chunk("a", $$$"""[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"{{{city}}}\"}"}}]},"finish_reason":null}]""")
        + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""") + "data: [DONE]\n\n";

    /// <summary>A streamed completion of some text.</summary>
    public static string TextStream(params string[] pieces) =>
        FakeDestination.RoleDelta + string.Concat(pieces.Select(FakeDestination.Delta)) + FakeDestination.Finish;

    /// <summary>A completion of some text.</summary>
    public static string Text(string content) => FakeDestination.SmallAnswer
        .Replace("\"hello\"", $"\"{content}\"", StringComparison.Ordinal)
        .Replace("\"c1\"", "\"c2\"", StringComparison.Ordinal); // LangChain puts a message in the place of one with its id

    /// <summary>The chunks of a stream that an SDK would see, and the comments.</summary>
    public static (List<JsonElement> Chunks, List<string> Comments, bool IsDone) ReadStream(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var data = lines.Where(static line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(static line => line["data: ".Length..]).ToList();
        return ([.. data.Where(static line => line != "[DONE]").Select(static line => JsonElement.Parse(line))], [.. lines.Where(static line => line.StartsWith(':'))], data.Count > 0 && data[^1] == "[DONE]");
    }
}
