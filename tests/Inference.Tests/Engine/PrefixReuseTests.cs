using System.Text.Json;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Engine;

/// <summary>Prompts that begin alike, through the real server.</summary>
public sealed class PrefixReuseTests
{
    private const string Instructions = "You answer questions about programs in as few words as can be, and always with an example.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("int8")]
    [InlineData("none")]
    public async Task Post_TheNextTurn_IsReadFromWhereTheLastEnded(string kvCache)
    {
        await using var server = await TestServer.StartAsync(kvCache: kvCache);
        await using var forgetful = await TestServer.StartAsync(kvCache: kvCache, maxSequences: 1, kvPoolBytes: 2048 * (kvCache == "none" ? 4 : 1) * 640);
        List<object> messages = [new { role = "system", content = Instructions }, new { role = "user", content = "Sort a list in C#." }];
        for (var turn = 0; turn < 3; turn++)
        {
            var body = JsonSerializer.Serialize(new { messages, max_tokens = 24, temperature = 0 });
            var answer = await server.CompleteAsync(body, Cancellation);
            await Forget(forgetful);
            var fresh = await forgetful.CompleteAsync(body, Cancellation);

            Assert.Equal(Content(fresh), Content(answer));
            var prompt = answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
            Assert.InRange(await server.ReadMetricAsync("vllm:prefix_cache_hits_total", Cancellation), turn == 0 ? 0 : 40 * turn, turn * prompt);
            messages.Add(new { role = "assistant", content = Content(answer) });
            messages.Add(new { role = "user", content = $"And now in another way, number {turn}." });
        }
    }

    [Fact]
    public async Task Post_SharedInstructions_AreReadOnceAndConversationsKeepTheirOwn()
    {
        await using var server = await TestServer.StartAsync();
        var instructions = string.Concat(Enumerable.Repeat(Instructions + " ", 8));
        var first = Body(instructions, "Reverse a string.");
        var alone = Content(await server.CompleteAsync(first, Cancellation));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => server.CompleteAsync(Body(instructions, $"Write loop number {i}."), Cancellation)));
        var hits = await server.ReadMetricAsync("vllm:prefix_cache_hits_total", Cancellation);
        var again = Content(await server.CompleteAsync(first, Cancellation));

        Assert.Equal(alone, again);
        Assert.True(hits > 8 * 100, $"{hits} tokens of shared instructions were not read again");
    }

    [Fact]
    public async Task Post_ARequestThatReservesThePool_StillStartsFromWhatItsLastTurnLeft()
    {
        await using var server = await TestServer.StartAsync(maxSequences: 1, kvPoolBytes: 640 * 2048);
        const string Turn = """{"messages":[{"role":"system","content":"You answer questions about programs."},{"role":"user","content":"Sort a list."}],"temperature":0}"""; // no max_tokens

        await server.CompleteAsync(Turn, Cancellation);
        var again = await server.CompleteAsync(Turn, Cancellation);

        var usage = again.GetProperty("usage");
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32() - 1, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task Post_APoolThatIsFull_KeepsNoMoreThanFits()
    {
        await using var server = await TestServer.StartAsync(kvPoolBytes: 640 * 300);
        for (var i = 0; i < 12; i++)
        {
            await server.CompleteAsync(Body($"{i} {i} {i} begins otherwise.", "Count to ten."), Cancellation);

            Assert.InRange(await server.ReadMetricAsync("inference_prefix_cache_bytes", Cancellation), 1, 640 * 300);
        }

        Assert.Equal(0, await server.ReadMetricAsync("inference_kv_cache_used_bytes", Cancellation));
    }

    private static string Body(string system, string user) =>
        JsonSerializer.Serialize(new { messages = new[] { new { role = "system", content = system }, new { role = "user", content = user } }, max_tokens = 16, temperature = 0 });

    // What is asked takes the whole pool, so that nothing is kept.
    private static Task<JsonElement> Forget(TestServer server) => server.CompleteAsync("""{"messages":[{"role":"user","content":"x"}],"temperature":0,"max_tokens":2000}""", Cancellation);

    private static string Content(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
}
