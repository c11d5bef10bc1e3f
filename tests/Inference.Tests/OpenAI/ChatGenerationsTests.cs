using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Telemetry;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class ChatGenerationsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_SeveralAnswersToOneSchema_CompileItOnce()
    {
        await using var serving = await LoadAsync(Repository.Model("sample-coding"), maxQueue: 64);
        var schema = "{\"type\":\"object\",\"properties\":{" + string.Join(',', Enumerable.Range(0, 2500).Select(static i => $"\"a{i}\":{{\"type\":\"string\"}}")) + "}}"; // a second
        await TimeAsync(1);

        var (one, eight) = (await TimeAsync(1), await TimeAsync(8));

        TestContext.Current.TestOutputHelper?.WriteLine($"{one.TotalMilliseconds:F0} ms for one answer, {eight.TotalMilliseconds:F0} ms for eight");
        Assert.InRange(eight, TimeSpan.Zero, 4 * one);

        async Task<TimeSpan> TimeAsync(int answers)
        {
            var clock = Stopwatch.StartNew();
            var created = await CreateAsync(serving, answers, schema, Cancellation);
            var elapsed = clock.Elapsed;
            Assert.Equal(answers, created.Answers.Select(static answer => answer.Generation.Guide).Distinct().Count());
            foreach (var answer in created.Answers)
            {
                answer.Generation.Guide!.Dispose();
            }

            return elapsed;
        }
    }

    [Fact]
    public async Task CreateAsync_NoRoomForTheAnswers_CompilesNothing()
    {
        await using var serving = await LoadAsync(Repository.Model("sample-coding"), maxQueue: 1);
        const string Impossible = """{"type":"nonsense"}""";

        await Assert.ThrowsAsync<EngineOverloadedException>(() => CreateAsync(serving, 3, Impossible, Cancellation));
        await Assert.ThrowsAsync<RequestFormatException>(() => CreateAsync(serving, 2, Impossible, Cancellation));
    }

    [Fact]
    public async Task TryEnqueue_TheQueueFillsMeanwhile_DisposesTheGuidesThatItDoesNotTake()
    {
        using var folder = EndlessModel.Create();
        await using var serving = await LoadAsync(folder.Path, maxQueue: 1);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        const string Text = """{"type":"string"}""";
        var late = await CreateAsync(serving, 2, Text, left.Token);
        var early = await CreateAsync(serving, 1, Text, left.Token);

        var isEarlyTaken = early.TryEnqueue(serving.Engine);
        var isLateTaken = late.TryEnqueue(serving.Engine);

        Assert.Equal((true, false), (isEarlyTaken, isLateTaken));
        late.Answers[0].Generation.Guide!.Mask(new float[4096]); // waits for its turn
        Assert.Throws<ObjectDisposedException>(() => late.Answers[1].Generation.Guide!.Mask(new float[4096]));
        await left.CancelAsync();
    }

    private static Task<GeneratedAnswers> CreateAsync(ServingModel serving, int answers, string schema, CancellationToken cancellationToken) =>
        ChatGenerations.CreateAsync(
            serving,
            ChatCompletionRequestReader.Read(Encoding.UTF8.GetBytes(
                $$"""{"messages":[{"role":"user","content":"Tell me."}],"n":{{answers}},"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{{schema}} } } }""")),
            cancellationToken);

    private static Task<ServingModel> LoadAsync(string folder, int maxQueue) => ServingModel.LoadAsync(
        new InferenceServerOptions { ModelFolder = folder, Device = DevicePreference.Cpu, MaxSequences = 1, MaxQueue = maxQueue },
        new InferenceMetrics(),
        NullLogger.Instance,
        Cancellation);
}
