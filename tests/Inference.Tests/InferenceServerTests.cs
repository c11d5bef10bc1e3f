using System.Text.Json;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests;

public sealed class InferenceServerTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public async Task RunAsync_AShippedModel_AnswersAChat(string model)
    {
        await using var server = await TestServer.StartAsync(model);

        var answer = await server.CompleteAsync("""{"messages":[{"role":"user","content":"Write a Python function that adds two numbers."}],"max_tokens":40}""", Cancellation);

        TestContext.Current.TestOutputHelper?.WriteLine(answer.GetRawText());
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal(model, answer.GetProperty("model").GetString());
        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        var usage = answer.GetProperty("usage");
        Assert.InRange(usage.GetProperty("completion_tokens").GetInt32(), 1, 40);
        Assert.Equal(
            usage.GetProperty("total_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task RunAsync_Stopped_EndsWithZero()
    {
        var server = await TestServer.StartAsync();

        Assert.Equal(0, await server.StopAsync());
        await server.DisposeAsync();
    }

    [Fact]
    public async Task RunAsync_Streamed_GivesTheTextOfTheWholeAnswer()
    {
        await using var server = await TestServer.StartAsync();
        const string Request = """{"messages":[{"role":"user","content":"Sort a list in C#."}],"max_tokens":30,"temperature":0""";

        var whole = await server.CompleteAsync(Request + "}", Cancellation);
        var events = await server.StreamAsync(Request + ""","stream":true,"stream_options":{"include_usage":true}}""", Cancellation);

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].Select(static data => JsonElement.Parse(data)).ToArray();
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(whole.GetProperty("usage").GetProperty("total_tokens").GetInt32(), chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(
            whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString(),
            chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        var text = string.Concat(chunks[1..^2].Select(static chunk => Delta(chunk).GetProperty("content").GetString()));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("genai_config.json", "config.json")]
    [InlineData("model.onnx")]
    [InlineData("tokenizer_config.json")]
    public async Task RunAsync_AFileIsMissing_EndsWithTwoAndSaysWhich(string file, string? other = null)
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.Delete(folder.File(file));
        File.Delete(folder.File(other ?? file));

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("genai_config.json")]
    [InlineData("model.onnx")]
    public async Task RunAsync_AFileIsCutOff_EndsWithTwoAndSaysWhich(string file)
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        using (var stream = File.OpenWrite(folder.File(file)))
        {
            stream.SetLength(stream.Length / 2);
        }

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ExternalDataIsMissing_EndsWithTwoAndSaysWhich()
    {
        using var folder = new TinyGemma(split: true, external: true).Write();
        File.Delete(folder.File("onnx/decoder_model_merged_q4.onnx_data"));

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains("decoder_model_merged_q4.onnx_data", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ATokenizerOfAnotherModel_EndsWithTwoAndSaysSo()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.Copy(Path.Combine(Repository.Model("router-nano"), "tokenizer.json"), folder.File("tokenizer.json"), overwrite: true);

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains("has 16384 tokens and the model 4096", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NoEndToken_EndsWithTwoAndSaysWhereToName()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        foreach (var file in new[] { "genai_config.json", "generation_config.json", "config.json" })
        {
            File.WriteAllText(folder.File(file), File.ReadAllText(folder.File(file)).Replace("eos_token_id", "no_token_id", StringComparison.Ordinal));
        }

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains("eos_token_id", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AMissingFolder_EndsWithTwoAndNamesIt()
    {
        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = "/nowhere/at-all", Urls = AnyPort }, 2);

        Assert.Contains("/nowhere/at-all", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AnEmbeddingModelWhereOnlyChatsAreWanted_EndsWithTwoAndSaysSo()
    {
        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = Repository.Model("router-nano"), Urls = AnyPort, ChatOnly = true }, 2);

        Assert.Contains("router-nano", message, StringComparison.Ordinal);
        Assert.Contains("cannot chat", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    [InlineData("model.onnx")]
    public async Task RunAsync_AnEmbeddingModelsFileIsCutOff_EndsWithTwoAndSaysWhich(string file)
    {
        using var folder = TemporaryFolder.CopyOf("router-nano");
        using (var stream = File.OpenWrite(folder.File(file)))
        {
            stream.SetLength(stream.Length / 2);
        }

        var message = await AssertCannotStartAsync(new InferenceServerOptions { ModelFolder = folder.Path, Urls = AnyPort }, 2);

        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_BadOptions_EndsWithTwoAndNamesEveryFault()
    {
        var message = await AssertCannotStartAsync(
            new InferenceServerOptions { ModelFolder = " ", Urls = "ftp://x", KvCache = "int2", MaxSequences = 0, MaxQueue = -1, KvPoolBytes = 0, MaxRequestBytes = 0 }, 2);

        foreach (var part in new[] { "folder", "ftp://x", "int2", "sequences", "queue", "pool", "request size" })
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RunAsync_APortInUse_EndsWithOneAndNamesIt()
    {
        await using var server = await TestServer.StartAsync();

        var message = await AssertCannotStartAsync(
            new InferenceServerOptions { ModelFolder = Repository.Model("sample-coding"), Urls = server.Client.BaseAddress!.ToString() }, 1);

        Assert.Contains(server.Client.BaseAddress!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_CudaDemandedWithoutADriver_EndsWithTwo()
    {
        if (System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            Assert.Skip("this machine has a CUDA driver");
        }

        var message = await AssertCannotStartAsync(
            new InferenceServerOptions { ModelFolder = Repository.Model("sample-coding"), Urls = AnyPort, Device = RouterGateway.Inference.Onnx.DevicePreference.Cuda }, 2);

        Assert.Contains("libcuda.so.1", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ItsParentEnds_EndsWithZero()
    {
        using var parent = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        var input = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, parent.ClientSafePipeHandle);
        var output = new LineWriter();
        var run = InferenceServer.RunAsync(
            new InferenceServerOptions { ModelFolder = Repository.Model("sample-coding"), Urls = AnyPort, ExitWithParent = true, Input = input, Output = output, LogLevel = LogLevel.Warning }, Cancellation);
        await output.FirstLine;
        Assert.False(run.IsCompleted);

        parent.Dispose();

        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Options_Defaults_AreAsDocumented()
    {
        var options = new InferenceServerOptions { ModelFolder = "models/x/" };

        Assert.Equal("x", options.EffectiveModelName);
        Assert.Equal("http://127.0.0.1:8081", options.Urls);
        Assert.Equal("auto", options.KvCache);
        Assert.Equal(4, options.MaxSequences);
        Assert.Equal(64, options.MaxQueue);
        Assert.Equal(16 << 20, options.MaxRequestBytes);
        Assert.Null(options.KvPoolBytes);
        Assert.False(options.ExitWithParent);
        Assert.False(options.ChatOnly);
        Assert.Empty(options.Validate());
    }

    private static async Task<string> AssertCannotStartAsync(InferenceServerOptions options, int exitCode)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var silent = new InferenceServerOptions
        {
            ModelFolder = options.ModelFolder,
            Urls = options.Urls,
            KvCache = options.KvCache,
            ChatOnly = options.ChatOnly,
            Device = options.Device,
            MaxSequences = options.MaxSequences,
            MaxQueue = options.MaxQueue,
            KvPoolBytes = options.KvPoolBytes,
            MaxRequestBytes = options.MaxRequestBytes,
            LogLevel = LogLevel.Critical,
            Output = output,
            ErrorOutput = errors,
        };

        Assert.Equal(exitCode, await InferenceServer.RunAsync(silent, Cancellation));
        Assert.Empty(output.ToString());
        var message = errors.ToString();
        Assert.Single(message.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        TestContext.Current.TestOutputHelper?.WriteLine(message);
        return message;
    }

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");
}
