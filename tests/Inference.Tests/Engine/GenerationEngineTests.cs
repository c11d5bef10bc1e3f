using System.Net;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Engine;

/// <summary>The pool under load, through the real server.</summary>
public sealed class GenerationEngineTests
{
    private const string Endless = """{"messages":[{"role":"user","content":"Count."}],"stream":true,"temperature":0}""";
    private const string Short = """{"messages":[{"role":"user","content":"Count."}],"max_tokens":3,"temperature":0}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_MoreRequestsThanSlots_AllGiveTheAnswerOfEachAlone()
    {
        await using var server = await TestServer.StartAsync(maxSequences: 3);
        string[] questions = ["Sort a list.", "Read a file in C#.", "Reverse a string.", "Add two numbers.", "Write a loop.", "Explain SQL."];
        var alone = new List<string>();
        foreach (var question in questions)
        {
            alone.Add(Content(await server.CompleteAsync(Ask(question), Cancellation)));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => server.CompleteAsync(Ask(questions[i % 6]), Cancellation)));

        for (var i = 0; i < together.Length; i++)
        {
            Assert.Equal(alone[i % 6], Content(together[i]));
        }

        Assert.Equal(0, await server.ReadMetricAsync("vllm:num_requests_running", Cancellation));
        Assert.Equal(0, await server.ReadMetricAsync("inference_kv_cache_used_bytes", Cancellation));
        static string Ask(string question) => $$"""{"messages":[{"role":"user","content":"{{question}}"}],"max_tokens":24,"temperature":0}""";
    }

    [Fact]
    public async Task Post_AClientThatLeavesMidStream_FreesItsSlotAtOnce()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 0, folder: model.Path);
        using var cancellation = new CancellationTokenSource();

        var response = await server.PostAsync(Endless, cancellation.Token);
        await using (var stream = await response.Content.ReadAsStreamAsync(cancellation.Token))
        {
            Assert.True(await stream.ReadAsync(new byte[64], cancellation.Token) > 0);
            Assert.Equal(1, await server.ReadMetricAsync("vllm:num_requests_running", Cancellation));
            await cancellation.CancelAsync();
        }

        response.Dispose();
        await server.WaitForMetricAsync("vllm:num_requests_running", 0, Cancellation);
        var generated = await server.ReadMetricAsync("vllm:generation_tokens_total", Cancellation);
        await server.CompleteAsync(Short, Cancellation);
        Assert.Equal(generated + 3, await server.ReadMetricAsync("vllm:generation_tokens_total", Cancellation));
    }

    [Fact]
    public async Task Post_AClientThatLeavesAnUnstreamedAnswer_FreesItsSlotAtOnce()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 0, folder: model.Path);
        using var cancellation = new CancellationTokenSource();

        var request = server.PostAsync(Endless.Replace("true", "false", StringComparison.Ordinal), cancellation.Token);
        await server.WaitForMetricAsync("vllm:num_requests_running", 1, Cancellation);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await server.WaitForMetricAsync("vllm:num_requests_running", 0, Cancellation);
        await server.CompleteAsync(Short, Cancellation);
    }

    [Fact]
    public async Task Post_QueueFull_IsRefusedWithRetryHeadersAndServedLater()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 1, folder: model.Path);
        using var cancellation = new CancellationTokenSource();
        using var running = await server.PostAsync(Endless, cancellation.Token);
        var waiting = server.PostAsync(Endless, cancellation.Token);
        await server.WaitForMetricAsync("vllm:num_requests_waiting", 1, Cancellation);

        using (var refused = await server.PostAsync(Short, Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            var error = JsonElement.Parse(await refused.Content.ReadAsStringAsync(Cancellation)).GetProperty("error");
            Assert.Equal("server_is_overloaded", error.GetProperty("code").GetString());
        }

        await cancellation.CancelAsync();
        running.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await server.WaitForMetricAsync("vllm:num_requests_running", 0, Cancellation);
        await server.CompleteAsync(Short, Cancellation);
    }

    [Fact]
    public async Task Post_WaitingTooLong_IsRefusedAndMakesRoom()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 1, folder: model.Path, queueTimeout: TimeSpan.FromSeconds(2));
        using var running = await server.PostAsync(Endless, Cancellation);

        for (var i = 0; i < 2; i++)
        {
            using var late = await server.PostAsync(Short, Cancellation);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
            Assert.True(late.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Equal(0, await server.ReadMetricAsync("vllm:num_requests_waiting", Cancellation));
        }

        running.Dispose();
        await server.WaitForMetricAsync("vllm:num_requests_running", 0, Cancellation);
        await server.CompleteAsync(Short, Cancellation);
    }

    [Fact]
    public async Task Post_ClientsThatLeaveTheQueue_MakeRoom()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 2, folder: model.Path);
        using var running = await server.PostAsync(Endless, Cancellation);
        for (var i = 0; i < 4; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var waiting = new[] { server.PostAsync(Short, cancellation.Token), server.PostAsync(Short, cancellation.Token) };
            await server.WaitForMetricAsync("vllm:num_requests_waiting", 2, Cancellation);

            await cancellation.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
            await server.WaitForMetricAsync("vllm:num_requests_waiting", 0, Cancellation);
        }
    }

    [Fact]
    public async Task Post_PoolOfOneSequence_MakesTheSecondWaitForKvCache()
    {
        using var model = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 4, kvPoolBytes: 640 * 50_000, folder: model.Path);
        using var running = await server.PostAsync(Endless, Cancellation); // takes all that is there

        var second = server.CompleteAsync(Short, Cancellation);
        await server.WaitForMetricAsync("vllm:num_requests_waiting", 1, Cancellation);
        Assert.Equal(1, await server.ReadMetricAsync("vllm:num_requests_running", Cancellation));
        Assert.Equal(1, await server.ReadMetricAsync("vllm:kv_cache_usage_perc", Cancellation));
        running.Dispose();

        Assert.NotEmpty(Content(await second));
    }

    [Fact]
    public async Task Post_MoreThanTheWholePool_IsRefused()
    {
        await using var server = await TestServer.StartAsync(kvPoolBytes: 640 * 100);

        using var response = await server.PostAsync("""{"messages":[{"role":"user","content":"Count."}],"max_tokens":200}""", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("context_length_exceeded", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_LongerThanItsShareOfThePool_KeepsOnlyTheWindowsOfSlidingLayers()
    {
        var content = string.Concat(Enumerable.Repeat("Count the words. ", 420));
        var body = $$"""{"messages":[{"role":"user","content":"{{content}}"}],"max_tokens":200,"temperature":0}""";
        await using var roomy = await TestServer.StartAsync();
        await using var narrow = await TestServer.StartAsync(kvPoolBytes: 640 * 1400, maxSequences: 1);

        var expected = await roomy.CompleteAsync(body, Cancellation);
        var answer = await narrow.CompleteAsync(body, Cancellation);

        Assert.InRange(answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), 1400, 1848);
        Assert.Equal(Content(expected), Content(answer));
        Assert.InRange(await narrow.ReadMetricAsync("inference_prefix_cache_bytes", Cancellation), 1, 640 * 1400);
        Assert.True((await narrow.CompleteAsync(body, Cancellation)).GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() is 0 or > 1000);
    }

    [Fact]
    public async Task Post_ANativeFailure_IsAnErrorOfThatRequestOnly()
    {
        using var model = EndlessModel.Create(contextTokens: EndlessModel.ShippedPositions);
        var config = model.File("genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"context_length\": 2048", "\"context_length\": 8192", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(folder: model.Path);

        // The graph knows the positions of 2048 tokens only.
        var content = string.Concat(Enumerable.Repeat("42 ", 1500));
        using var response = await server.PostAsync($$"""{"messages":[{"role":"user","content":"{{content}}"}],"max_tokens":5}""", Cancellation);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("generation_failed", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await server.CompleteAsync(Short, Cancellation);
    }

    [Fact]
    public async Task Post_ANativeFailureMidStream_EndsWithAnErrorEventAndAnAbort()
    {
        using var model = EndlessModel.Create(contextTokens: EndlessModel.ShippedPositions);
        var config = model.File("genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"context_length\": 2048", "\"context_length\": 8192", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(folder: model.Path);
        var content = string.Concat(Enumerable.Repeat("42 ", 650)); // near the 2048 positions that the graph knows
        using var response = await server.PostAsync($$"""{"messages":[{"role":"user","content":"{{content}}"}],"max_tokens":2000,"stream":true}""", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = new StringBuilder();

        await using var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        var exception = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var buffer = new byte[1 << 16];
            for (int length; (length = await stream.ReadAsync(buffer, Cancellation)) > 0;)
            {
                body.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        });

        Assert.NotNull(exception);
        Assert.DoesNotContain("[DONE]", body.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"content\":", body.ToString(), StringComparison.Ordinal);
        var last = body.ToString().Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("data: {\"error\":{\"message\":\"The model failed to generate: ", last, StringComparison.Ordinal);
        await server.CompleteAsync(Short, Cancellation);
    }

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public async Task Post_Greedy_GivesTheTokensOfPlainOnnxRuntime(string name)
    {
        await using var server = await TestServer.StartAsync(name);
        using var decoder = new PlainDecoder(File.ReadAllBytes(Path.Combine(Repository.Model(name), "model.onnx")), Path.Combine(Repository.Model(name), "model.onnx"));
        var tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model(name), "tokenizer.json"));
        foreach (var prompt in ReferenceFile.Load(name).Prompts!.Where(static prompt => prompt is { Prompt: not null, System: null }))
        {
            decoder.Restart();
            var tokens = new List<int>();
            for (var logits = decoder.Append(prompt.Ids); tokens.Count < 20; logits = decoder.Append(tokens[^1]))
            {
                var token = TensorPrimitives.IndexOfMax<float>(logits);
                if (tokenizer.IsSpecial(token))
                {
                    break;
                }

                tokens.Add(token);
            }

            var answer = await server.CompleteAsync($$"""{"messages":[{"role":"user","content":{{JsonSerializer.Serialize(prompt.Prompt)}}}],"max_tokens":20,"temperature":0}""", Cancellation);

            Assert.Equal(tokenizer.Decode(tokens.ToArray()), Content(answer));
            Assert.Equal(prompt.Ids.Length, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task StreamAsync_Stopped_DrainsWithinItsTime()
    {
        using var model = EndlessModel.Create();
        var server = await TestServer.StartAsync(folder: model.Path);
        using var response = await server.PostAsync(Endless.Replace("\"stream\"", "\"max_tokens\":60,\"stream\"", StringComparison.Ordinal), Cancellation);

        var stopping = server.StopAsync();
        var body = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal); // what runs may end
        Assert.Equal(0, await stopping);
        await server.DisposeAsync();
    }

    private static string Content(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
}
