using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class EmbeddingsEndpointTests(EmbeddingsEndpointTests.Fixture fixture) : IClassFixture<EmbeddingsEndpointTests.Fixture>
{
    private const string Path = "/v1/embeddings";
    private const int Dimension = 256;

    private readonly EmbeddingModel _model = fixture.Model;
    private readonly TestServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string[] Texts => [.. ReferenceFile.Load("router-nano").Texts!.Select(static text => text.Text).Where(static text => text.Length > 0)];

    [Fact]
    public async Task Post_OneText_IsTheModelsOwnVectorToTheLastBit()
    {
        foreach (var text in Texts)
        {
            var answer = await _server.AnswerAsync(Path, Ask(text), Cancellation);

            Assert.Equal("list", answer.GetProperty("object").GetString());
            Assert.Equal("router-nano", answer.GetProperty("model").GetString());
            var item = Assert.Single(answer.GetProperty("data").EnumerateArray());
            Assert.Equal("embedding", item.GetProperty("object").GetString());
            Assert.Equal(0, item.GetProperty("index").GetInt32());
            Assert.Equal(Own(text), Numbers(item));
            var usage = answer.GetProperty("usage");
            Assert.Equal(_model.Tokenize(text).Length, usage.GetProperty("prompt_tokens").GetInt32());
            Assert.Equal(_model.Tokenize(text).Length, usage.GetProperty("total_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task Post_Base64_HoldsTheSameFloats()
    {
        var numbers = await _server.AnswerAsync(Path, Ask(Texts, ",\"encoding_format\":\"float\""), Cancellation);
        var base64 = await _server.AnswerAsync(Path, Ask(Texts, ",\"encoding_format\":\"base64\""), Cancellation);

        Assert.Equal(Vectors(numbers), Vectors(base64));
        Assert.Equal(JsonValueKind.String, base64.GetProperty("data")[0].GetProperty("embedding").ValueKind);
    }

    [Fact]
    public async Task Post_Texts_GiveWhatEachAloneGivesInTheirOrder()
    {
        string[] texts = [.. Texts, .. Enumerable.Range(0, 100).Select(static i => string.Join(' ', Enumerable.Repeat($"number {i}", 1 + (i * 37 % 80))))];

        var answer = await _server.AnswerAsync(Path, Ask(texts), Cancellation);

        Assert.Equal(Enumerable.Range(0, texts.Length), answer.GetProperty("data").EnumerateArray().Select(static item => item.GetProperty("index").GetInt32()));
        Assert.Equal(texts.Sum(text => _model.Tokenize(text).Length), answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        foreach (var (text, vector) in texts.Zip(Vectors(answer)))
        {
            Assert.True(MaxDifference(Own(text), vector) < 1e-5f, text);
        }
    }

    [Fact]
    public async Task Post_TokenIds_AreTakenAsTheyAre()
    {
        var ids = _model.Tokenize("Write a haiku about autumn.");

        var one = await _server.AnswerAsync(Path, Ask(ids), Cancellation);
        var several = await _server.AnswerAsync(Path, Ask(new[] { ids, [2, 100, 1] }), Cancellation);

        Assert.Equal(Own("Write a haiku about autumn."), Vectors(one)[0]);
        Assert.Equal(2, several.GetProperty("data").GetArrayLength());
        Assert.True(MaxDifference(Vectors(one)[0], Vectors(several)[0]) < 1e-5f);
        Assert.Equal(ids.Length + 3, several.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Post_ControlTokensInATextOfAUser_StayText()
    {
        var answer = await _server.AnswerAsync(Path, Ask("<eos>"), Cancellation);

        Assert.True(answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 3); // bos, eos and more than one between
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(255)]
    public async Task Post_Dimensions_CutAndRenormalise(int dimensions)
    {
        var text = Texts[0];
        var expected = Own(text)[..dimensions];
        TensorPrimitives.Divide(expected, TensorPrimitives.Norm<float>(expected), expected);

        var answer = await _server.AnswerAsync(Path, Ask(text, $",\"dimensions\":{dimensions},\"encoding_format\":\"base64\""), Cancellation);

        Assert.Equal(expected, Vectors(answer)[0]);
        Assert.Equal(1, TensorPrimitives.Norm<float>(Vectors(answer)[0]), 1e-5f);
    }

    [Fact]
    public async Task Post_AllDimensions_ChangeNothing()
    {
        var answer = await _server.AnswerAsync(Path, Ask(Texts[0], $",\"dimensions\":{Dimension}"), Cancellation);

        Assert.Equal(Own(Texts[0]), Vectors(answer)[0]);
    }

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("{}", "missing_required_parameter", "input")]
    [InlineData("""{"input":null}""", "missing_required_parameter", "input")]
    [InlineData("""{"input":""}""", "empty_string", "input")]
    [InlineData("""{"input":[]}""", "empty_array", "input")]
    [InlineData("""{"input":["a",""]}""", "empty_string", "input[1]")]
    [InlineData("""{"input":[[2,1],[]]}""", "empty_array", "input[1]")]
    [InlineData("""{"input":5}""", "invalid_type", "input")]
    [InlineData("""{"input":{"text":"a"}}""", "invalid_type", "input")]
    [InlineData("""{"input":[null]}""", "invalid_type", "input[0]")]
    [InlineData("""{"input":["a",5]}""", "invalid_type", "input[1]")]
    [InlineData("""{"input":["a",[5]]}""", "invalid_type", "input[1]")]
    [InlineData("""{"input":[[5],"a"]}""", "invalid_type", "input[1]")]
    [InlineData("""{"input":[5,"a"]}""", "invalid_type", "input[1]")]
    [InlineData("""{"input":[1.5]}""", "invalid_type", "input[0]")]
    [InlineData("""{"input":[[2,1e20]]}""", "invalid_type", "input[0][1]")]
    [InlineData("""{"input":[2,-1]}""", "invalid_value", "input[1]")]
    [InlineData("""{"input":[[2],[2,16384]]}""", "invalid_value", "input[1][1]")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", "invalid_value", "encoding_format")]
    [InlineData("""{"input":"a","encoding_format":1}""", "invalid_type", "encoding_format")]
    [InlineData("""{"input":"a","dimensions":0}""", "invalid_value", "dimensions")]
    [InlineData("""{"input":"a","dimensions":257}""", "invalid_value", "dimensions")]
    [InlineData("""{"input":"a","dimensions":"64"}""", "invalid_type", "dimensions")]
    [InlineData("""{"input":"a","model":7}""", "invalid_type", "model")]
    public async Task Post_ABadBody_IsRefusedWithPlaceAndCode(string body, string code, string? parameter)
    {
        var error = await _server.RefusalAsync(Path, body, HttpStatusCode.BadRequest, Cancellation);

        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Post_2048Inputs_AreServedAndOneMoreIsNot()
    {
        var answer = await _server.AnswerAsync(Path, Ask(Enumerable.Repeat("a", 2048)), Cancellation);
        var error = await _server.RefusalAsync(Path, Ask(Enumerable.Repeat("a", 2049)), HttpStatusCode.BadRequest, Cancellation);

        Assert.Equal(2048, answer.GetProperty("data").GetArrayLength());
        Assert.Equal("array_above_max_length", error.GetProperty("code").GetString());
        Assert.Contains("2049", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_InputOfTheContextsLength_IsServedAndOneMoreIsNot()
    {
        var ids = Enumerable.Range(1000, 513).ToArray();

        var answer = await _server.AnswerAsync(Path, Ask(ids[..512]), Cancellation);
        var error = await _server.RefusalAsync(Path, Ask(ids), HttpStatusCode.BadRequest, Cancellation);

        Assert.Equal(512, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Matches(@"\b512\b.*\b513\b", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(700)]
    [InlineData(5_000_000)]
    public async Task Post_ATextLongerThanTheContext_IsRefusedWithBothNumbers(int words)
    {
        var error = await _server.RefusalAsync(Path, Ask(new[] { "short", string.Concat(Enumerable.Repeat("42 ", words)) }), HttpStatusCode.BadRequest, Cancellation);

        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Equal("input[1]", error.GetProperty("param").GetString());
        Assert.Matches(@"\b512\b.*\b(at least )?[0-9]{4,}\b", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Post_AnotherModel_IsNotFound()
    {
        var error = await _server.RefusalAsync(Path, Ask("a", ",\"model\":\"text-embedding-3-small\""), HttpStatusCode.NotFound, Cancellation);
        var answer = await _server.AnswerAsync(Path, Ask("a", ",\"model\":\"an-alias\""), Cancellation);

        Assert.Equal("model_not_found", error.GetProperty("code").GetString());
        Assert.Equal("router-nano", answer.GetProperty("model").GetString());
    }

    [Fact]
    public async Task Post_AChat_IsToldWhatTheModelIs()
    {
        var error = await _server.RefusalAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}]}""", HttpStatusCode.NotFound, Cancellation);

        Assert.Equal("endpoint_not_supported", error.GetProperty("code").GetString());
        Assert.Contains("'router-nano', an embedding model: it serves POST /v1/embeddings", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_ToAModelThatGenerates_IsToldWhatTheModelIs()
    {
        await using var server = await TestServer.StartAsync();

        var error = await server.RefusalAsync(Path, Ask("a"), HttpStatusCode.NotFound, Cancellation);

        Assert.Equal("endpoint_not_supported", error.GetProperty("code").GetString());
        Assert.Contains("'sample-coding', a chat model: it serves POST /v1/chat/completions", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_StatusOfAnEmbeddingModel_TellsWhatIsServed()
    {
        await using var server = await TestServer.StartAsync("router-nano");
        await server.AnswerAsync(Path, Ask(new[] { "a", "b" }), Cancellation);

        var ready = await server.GetAsync("/readyz", Cancellation);
        var health = await server.GetAsync("/healthz", Cancellation);
        var models = await server.GetAsync("/v1/models", Cancellation);
        var metrics = await server.Client.GetStringAsync("/metrics", Cancellation);

        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.Equal("cpu", ready.GetProperty("device").GetString());
        Assert.Equal(512, ready.GetProperty("contextTokens").GetInt32());
        Assert.Equal(Dimension, ready.GetProperty("dimensions").GetInt32());
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal("router-nano", models.GetProperty("data")[0].GetProperty("id").GetString());
        Assert.Equal(512, models.GetProperty("data")[0].GetProperty("max_model_len").GetInt32());
        Assert.Matches("(?m)^vllm:prompt_tokens_total\\{model_name=\"router-nano\"\\} 6$", metrics);
        Assert.Matches("(?m)^vllm:request_success_total\\{[^}]*finished_reason=\"stop\"[^}]*\\} 1$", metrics);
        Assert.Matches("(?m)^vllm:num_requests_running\\{[^}]*\\} 0$", metrics);
        Assert.Matches("(?m)^vllm:num_requests_waiting\\{[^}]*\\} 0$", metrics);
        Assert.DoesNotContain("kv_cache", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MoreThanTheQueueTakes_IsRefusedWithRetryHeadersAndServedLater()
    {
        await using var server = await TestServer.StartAsync("router-nano", maxSequences: 1, maxQueue: 0);
        var big = server.AnswerAsync(Path, Ask(Long), Cancellation);
        await WaitForAsync(server, "vllm:num_requests_running", 1);

        using var response = await server.PostToAsync(Path, Ask("a"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("retry-after").Single());
        Assert.Equal("1000", response.Headers.GetValues("retry-after-ms").Single());
        Assert.Contains("server_is_overloaded", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(400, (await big).GetProperty("data").GetArrayLength());
        await server.AnswerAsync(Path, Ask("a"), Cancellation);
        Assert.Equal(1, await server.ReadMetricAsync("inference_requests_refused_total", Cancellation));
    }

    [Fact]
    public async Task Post_AShortRequestBesideALongOne_DoesNotWaitForItsEnd()
    {
        await using var server = await TestServer.StartAsync("router-nano", maxSequences: 1);
        var big = server.AnswerAsync(Path, Ask(Long), Cancellation);
        await WaitForAsync(server, "vllm:num_requests_running", 1);

        await server.AnswerAsync(Path, Ask("a"), Cancellation);

        Assert.False(big.IsCompleted);
        await big;
    }

    [Fact]
    public async Task Post_AClientThatLeaves_EndsItsRuns()
    {
        await using var server = await TestServer.StartAsync("router-nano", maxSequences: 1, maxQueue: 0);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var big = server.PostToAsync(Path, Ask(Long), leaving.Token);
        await WaitForAsync(server, "vllm:num_requests_running", 1);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => big);

        while (!(await server.Client.GetStringAsync("/metrics", Cancellation)).Contains("finished_reason=\"abort\"} 1", StringComparison.Ordinal))
        {
            Assert.Equal(0, await server.ReadMetricAsync("vllm:prompt_tokens_total", Cancellation)); // it would have been served
        }

        await server.AnswerAsync(Path, Ask("a"), Cancellation); // would be refused while the other is there
    }

    // Seconds of work in runs of milliseconds.
    private static int[][] Long => [.. Enumerable.Range(0, 400).Select(static i => Enumerable.Range(1000 + i, 512).ToArray())];

    private static string Ask<T>(T input, string fields = "") => $"{{\"input\":{JsonSerializer.Serialize(input)}{fields}}}";

    private static async Task WaitForAsync(TestServer server, string metric, double value)
    {
        while (await server.ReadMetricAsync(metric, Cancellation) != value)
        {
            await Task.Yield();
        }
    }

    private static float[][] Vectors(JsonElement answer) => [.. answer.GetProperty("data").EnumerateArray().Select(Numbers)];

    private static float[] Numbers(JsonElement item)
    {
        var embedding = item.GetProperty("embedding");
        return embedding.ValueKind == JsonValueKind.Array
            ? [.. embedding.EnumerateArray().Select(static number => float.Parse(number.GetRawText(), CultureInfo.InvariantCulture))]
            : [.. embedding.GetBytesFromBase64().Chunk(sizeof(float)).Select(static bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];
    }

    private static float MaxDifference(float[] expected, float[] actual) => expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Max();

    private float[] Own(string text)
    {
        var embedding = new float[Dimension];
        _model.Embed(_model.Tokenize(text), embedding);
        return embedding;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal EmbeddingModel Model { get; } = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cpu, NullLogger.Instance);

        internal TestServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await TestServer.StartAsync("router-nano");

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Model.Dispose();
        }
    }
}
