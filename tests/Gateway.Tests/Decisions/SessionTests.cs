using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Decisions;

/// <summary>Conversations through a whole gateway: what they are told by, and that they stay at their destination.</summary>
public sealed class SessionTests
{
    private const int Destinations = 4;

    [Theory]
    [InlineData("x-session-id", "", "")]
    [InlineData(null, """, "prompt_cache_key":"s1" """, "")]
    [InlineData(null, """, "metadata":{"other":{"session_id":"no"},"session_id":"s1"} """, "")]
    [InlineData(null, """, "user":"ada" """, """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    [InlineData(null, "", """{"role":"system","content":"Be brief"},{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    [InlineData(null, """, "tools":[{"type":"function","function":{"name":"f"}}] """, """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    public async Task Chat_LaterTurnsOfAConversation_GoToTheDestinationOfTheFirst(string? header, string more, string earlier)
    {
        await using var destinations = await Destination.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(destinations.Cluster);

        var served = new List<string?>();
        for (var turn = 0; turn < 12; turn++)
        {
            served.Add(await AskAsync(gateway, $$"""{"messages":[{{earlier}}{"role":"user","content":"And what about number {{turn}} of the many things?"}]{{more}}}""", header));
        }

        Assert.Single(served.Distinct());
    }

    [Theory]
    [InlineData("", """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    [InlineData(""", "tools":[{"type":"function","function":{"name":"f{0}"}}] """, """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    [InlineData(""", "user":"ada{0}" """, """{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},""")]
    [InlineData(""", "prompt_cache_key":"s{0}" """, "")]
    [InlineData(""", "prompt_cache_key":7 """, "")]
    [InlineData(""", "metadata":[], "user":null """, "")]
    public async Task Chat_ManyConversations_AreSpreadOverTheDestinations(string more, string earlier)
    {
        await using var destinations = await Destination.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(destinations.Cluster);

        var served = new List<string?>();
        for (var conversation = 0; conversation < 24; conversation++)
        {
            var own = more.Replace("{0}", $"{conversation}", StringComparison.Ordinal);
            var begun = earlier.Replace("Hello", $"Hello {(more.Length == 0 ? conversation : 0)}", StringComparison.Ordinal);
            served.Add(await AskAsync(gateway, $$"""{"messages":[{{begun}}{"role":"user","content":"And what about the many things?"}]{{own}}}""", header: null));
        }

        Assert.True(served.Distinct().Count() > 1);
    }

    [Fact]
    public async Task Chat_TheDestinationOfAConversationFails_AnotherServesItFromThenOn()
    {
        await using var destinations = await Destination.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(destinations.Cluster);
        var first = await AskAsync(gateway, GatewayHost.Chat("Hello"), "x-session-id");
        destinations.Stop(first!);

        var second = await AskAsync(gateway, GatewayHost.Chat("Hello again"), "x-session-id");
        var third = await AskAsync(gateway, GatewayHost.Chat("And again"), "x-session-id");

        Assert.NotEqual(first, second);
        Assert.Equal(second, third);
    }

    private static async Task<string?> AskAsync(GatewayHost gateway, string body, string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        if (header is not null)
        {
            request.Headers.Add(header, "s1");
        }

        using var response = await gateway.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Header("x-router-destination");
    }

    /// <summary>Destinations of one cluster that is balanced at random.</summary>
    private sealed class Destination : IAsyncDisposable
    {
        private readonly Dictionary<string, FakeDestination> _byName = [];
        private string? _stopped;

        public string Cluster => $$""" "main": { "model": "m", "loadBalancing": "Random", "destinations": { {{string.Join(',', _byName.Select(static pair => $"\"{pair.Key}\": \"{pair.Value.Address}\""))}} } } """;

        public static async Task<Destination> StartAsync()
        {
            var all = new Destination();
            for (var i = 0; i < Destinations; i++)
            {
                var name = $"d{i}";
                all._byName[name] = await FakeDestination.StartAsync(context =>
                {
                    context.Response.StatusCode = all._stopped == name ? 503 : 200;
                    context.Response.ContentType = "application/json";
                    return context.Response.WriteAsync(FakeDestination.SmallAnswer);
                });
            }

            return all;
        }

        public void Stop(string name) => _stopped = name;

        public async ValueTask DisposeAsync()
        {
            foreach (var destination in _byName.Values)
            {
                await destination.DisposeAsync();
            }
        }
    }
}
