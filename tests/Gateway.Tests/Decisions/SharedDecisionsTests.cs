using System.Net;
using System.Text;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Decisions;

/// <summary>Two gateways, each a process of its own with the shipped models, on one Redis.</summary>
public sealed class SharedDecisionsTests
{
    private const string Ask = "Write a Python function that returns the words of a text in reverse order.";

    [Fact]
    public async Task Chat_TwoGatewaysOnOneRedis_ShareDecisionsConversationsReceiptsAndFlushes()
    {
        using var redis = await RedisServer.StartAsync();
        // time enough on a busy machine: this is about what is shared, not about how fast
        string WithRedis(string routes) => routes.Replace("\"250ms\"", "\"60s\"", StringComparison.Ordinal).Replace("\"clusters\": {", $"\"decisions\": {{ \"redis\": \"127.0.0.1:{redis.Port}\", \"redisBudget\": \"1s\" }}, \"clusters\": {{", StringComparison.Ordinal);
        await using var first = await GatewayProcess.StartAsync(WithRedis);
        await using var second = await GatewayProcess.StartAsync(WithRedis);

        using var asked = await ChatAsync(first, Ask);
        await Eventually.TrueAsync(async () => await KeysAsync(redis) is { Decisions: 1, Sessions: 1 }, "the decision and the conversation are written");
        var stored = await redis.RunAsync("GET", await redis.RunAsync("KEYS", "routergateway:decision:*"));
        using var again = await ChatAsync(second, Ask);
        using var followUp = await ChatAsync(second, "Yes please");

        Assert.Equal(("coding", "classified"), Decision(asked));
        Assert.Equal(("coding", "cache"), Decision(again));
        Assert.StartsWith("{\"v\":1,\"route\":\"coding\"", stored, StringComparison.Ordinal);
        Assert.Equal(asked.Header("x-router-confidence"), again.Header("x-router-confidence"));
        Assert.Equal(("coding", "session"), Decision(followUp));
        await Eventually.TrueAsync(
            async () => (await second.Client.GetStringAsync("/admin/decisions")).Contains(asked.Header("x-router-decision-id")!, StringComparison.Ordinal), "the second shows the receipt of the first");

        var (exit, output, _) = await GatewayProcess.RunAsync("cache", "flush", "--url", first.Address.AbsoluteUri);
        Assert.True(exit == 0, output);
        await Eventually.TrueAsync(async () =>
        {
            using var decided = await ChatAsync(second, Ask, session: $"{Guid.NewGuid()}");
            var isFresh = Decision(decided).Outcome == "classified";
            if (!isFresh)
            {
                await GatewayProcess.RunAsync("cache", "flush", "--url", first.Address.AbsoluteUri); // what the second remembered in between was flushed once more
            }

            return isFresh;
        }, "the second has forgotten, too");
        foreach (var key in (await redis.RunAsync("KEYS", "*")).Split('\n').Where(static key => key.Contains("decision:", StringComparison.Ordinal) || key.Contains("session:", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("Python", key + await redis.RunAsync("GET", key), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(first.Log.Concat(second.Log), static line => line.Contains("Python", StringComparison.Ordinal));
    }

    private static (string? Route, string? Outcome) Decision(HttpResponseMessage answer) => (answer.Header("x-router-route"), answer.Header("x-router-outcome"));

    private static async Task<HttpResponseMessage> ChatAsync(GatewayProcess gateway, string text, string session = "s1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent($$"""{"model":"auto","max_tokens":2,"messages":[{"role":"user","content":"{{text}}"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("x-session-id", session);
        var answer = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task<(int Decisions, int Sessions)> KeysAsync(RedisServer redis)
    {
        var keys = (await redis.RunAsync("KEYS", "*")).Split('\n');
        return (keys.Count(static key => key.StartsWith("routergateway:decision:", StringComparison.Ordinal)), keys.Count(static key => key.StartsWith("routergateway:session:", StringComparison.Ordinal)));
    }
}
