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
    public async Task CreateAsync_SeveralAnswersToOneSchema_EachGoItsOwnWay()
    {
        await using var serving = await LoadAsync(Repository.Model("sample-coding"), maxQueue: 64);
        var created = await CreateAsync(serving, 3, """{"enum":["ab","cd"]}""", Cancellation);
        var guides = created.Answers.Select(static answer => answer.Generation.Guide!).ToArray();
        var first = Allowed(guides[0]);

        guides[0].Accept(first[^1]);

        Assert.Equal(first, Allowed(guides[1]));
        Assert.NotEqual(first, Allowed(guides[0]));
        Assert.Equal(3, guides.Distinct().Count());
        Array.ForEach(guides, static guide => guide.Dispose());

        int[] Allowed(AnswerGuide guide)
        {
            var logits = new float[serving.Model.Tokenizer.VocabularySize];
            guide.Mask(logits);
            return [.. Enumerable.Range(0, logits.Length).Where(token => float.IsFinite(logits[token]))];
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
