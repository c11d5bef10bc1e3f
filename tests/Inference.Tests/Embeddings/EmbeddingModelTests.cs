using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Embeddings;

public sealed class EmbeddingModelTests : IDisposable
{
    private readonly EmbeddingModel _model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cpu, NullLogger.Instance);
    private readonly ReferenceFile _reference = ReferenceFile.Load("router-nano");

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Load_TheShippedModel_TellsItsProperties()
    {
        Assert.Equal(_reference.Texts![0].Embedding.Length, _model.Dimension);
        Assert.Equal(512, _model.MaxTokens);
        Assert.Equal("cpu", _model.Device);
        Assert.Matches("^[0-9a-f]{64}$", _model.Hash);
    }

    [Fact]
    public void Tokenize_ReferenceTexts_GivesTheReferenceIds()
    {
        foreach (var text in _reference.Texts!)
        {
            Assert.Equal(text.Ids, _model.Tokenize(text.Text));
        }
    }

    [Fact]
    public void Embed_ReferenceTexts_IsNearPyTorch()
    {
        var embedding = new float[_model.Dimension];
        foreach (var text in _reference.Texts!)
        {
            _model.Embed(text.Ids, embedding);

            Assert.True(MaxDifference(text.Embedding, embedding) < 1e-4f, text.Text);
        }
    }

    [Fact]
    public void Embed_ABatchOfUnequalLengths_GivesWhatEachAloneGives()
    {
        var texts = _reference.Texts!;
        var embeddings = new float[texts.Length * _model.Dimension];

        _model.Embed([.. texts.Select(static text => new ReadOnlyMemory<int>(text.Ids))], embeddings);

        for (var row = 0; row < texts.Length; row++)
        {
            Assert.True(MaxDifference(texts[row].Embedding, embeddings.AsSpan(row * _model.Dimension, _model.Dimension)) < 1e-4f);
        }
    }

    [Fact]
    public void Embed_ManyThreads_GiveTheSameVectors()
    {
        var texts = _reference.Texts!;

        Parallel.For(0, 256, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var text = texts[i % texts.Length];
            var embedding = new float[_model.Dimension];
            _model.Embed(text.Ids, embedding);
            Assert.True(MaxDifference(text.Embedding, embedding) < 1e-4f);
        });
    }

    [Fact]
    public async Task Dispose_DuringCalls_LetsThemEndAndRefusesFurtherOnes()
    {
        for (var round = 0; round < 5; round++)
        {
            var model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cpu, NullLogger.Instance);
            using var started = new CountdownEvent(4);
            var tokens = _reference.Texts![0].Ids;
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                var embedding = new float[model.Dimension];
                model.Embed(tokens, embedding);
                started.Signal();
                while (true)
                {
                    model.Embed(tokens, embedding);
                    Assert.True(MaxDifference(_reference.Texts[0].Embedding, embedding) < 1e-4f);
                }
            })).ToArray();
            started.Wait(TestContext.Current.CancellationToken);

            model.Dispose();
            model.Dispose();

            foreach (var caller in callers)
            {
                await Assert.ThrowsAsync<ObjectDisposedException>(() => caller);
            }
        }
    }

    [Fact]
    public void Embed_WrongLengths_Throw()
    {
        var embedding = new float[_model.Dimension];

        Assert.Throws<ArgumentException>(() => _model.Embed(ReadOnlySpan<int>.Empty, embedding));
        Assert.Throws<ArgumentException>(() => _model.Embed(new int[_model.MaxTokens + 1], embedding));
        Assert.Throws<ArgumentException>(() => _model.Embed(new int[2], new float[3]));
        _model.Embed(Array.Empty<ReadOnlyMemory<int>>(), default);
    }

    [Fact]
    public void Embed_AtSeveralLengths_PrintsItsTime()
    {
        var embedding = new float[_model.Dimension];
        foreach (var length in new[] { 16, 64, 512 })
        {
            var tokens = Enumerable.Range(0, length).Select(static i => 300 + (i * 7 % 4000)).ToArray();
            var times = new double[30];
            for (var i = 0; i < times.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                _model.Embed(tokens, embedding);
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            Array.Sort(times);
            TestContext.Current.TestOutputHelper?.WriteLine($"{length} tokens: median {times[15]:F2} ms, best {times[0]:F2} ms");
        }
    }

    [Fact]
    public void Load_AnExportWithInputsForImagesInASubfolder_GivesTheSameVectors()
    {
        using var folder = TemporaryFolder.CopyOf("router-nano");
        Directory.CreateDirectory(folder.File("onnx"));
        File.WriteAllBytes(folder.File("onnx/model.onnx"), AddFeatureInput(folder.File("model.onnx")));
        File.Delete(folder.File("model.onnx"));
        File.WriteAllText(folder.File("config_sentence_transformers.json"), """{"prompts":{"Classification":"task: classification | query: "},"default_prompt_name":null}""");
        using var model = EmbeddingModel.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance);
        var embedding = new float[model.Dimension];

        model.Embed(_reference.Texts![0].Ids, embedding);

        Assert.True(MaxDifference(_reference.Texts[0].Embedding, embedding) < 1e-4f);
        Assert.Equal("task: classification | query: ", model.Prompts["Classification"]);
        Assert.NotEqual(_model.Hash, model.Hash);
    }

    [Fact]
    public void Load_AutoWithoutADriver_RunsOnTheCpuAndLogsWhy()
    {
        if (System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            Assert.Skip("this machine has a CUDA driver");
        }

        var logger = new RecordingLogger();
        using var model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Auto, logger);

        Assert.Equal("cpu", model.Device);
        Assert.Contains(logger.Lines, static line => line.Contains("no NVIDIA driver (libcuda.so.1)", StringComparison.Ordinal));
        Assert.Throws<DeviceUnavailableException>(() => EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cuda, NullLogger.Instance));
    }

    [Fact]
    [Trait("Needs", "Gpu")]
    public void Embed_OnCuda_IsNearPyTorch()
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            Assert.Skip("needs a GPU and its driver");
        }

        using var model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cuda, NullLogger.Instance);
        var embedding = new float[model.Dimension];
        foreach (var text in _reference.Texts!)
        {
            model.Embed(text.Ids, embedding);
            Assert.True(MaxDifference(text.Embedding, embedding) < 1e-2f, text.Text);
        }
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    public void Load_WithoutAFile_NamesFolderAndFile(string file)
    {
        using var folder = TemporaryFolder.CopyOf("router-nano");
        File.Delete(folder.File(file));

        AssertRefused(folder.Path, file);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    public void Load_WithADamagedFile_NamesFolderAndFile(string file)
    {
        using var folder = TemporaryFolder.CopyOf("router-nano");
        using (var stream = File.OpenWrite(folder.File(file)))
        {
            stream.SetLength(stream.Length / 2);
        }

        AssertRefused(folder.Path, file);
    }

    [Fact]
    public void Load_AnEmptyModelFile_NamesFolderAndFile()
    {
        using var folder = TemporaryFolder.CopyOf("router-nano");
        File.WriteAllBytes(folder.File("model.onnx"), []);

        AssertRefused(folder.Path, "model.onnx");
    }

    [Fact]
    public void Load_ADecoder_SaysThatItIsNoEmbeddingModel()
    {
        var folder = Repository.Model("sample-coding");

        var exception = AssertRefused(folder, "model.onnx");

        Assert.Contains("sentence_embedding", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AMissingFolder_NamesIt()
    {
        var exception = Assert.Throws<ModelFolderException>(() => EmbeddingModel.Load("/nowhere/at-all", DevicePreference.Cpu, NullLogger.Instance));

        Assert.Contains("/nowhere/at-all", exception.Message, StringComparison.Ordinal);
    }

    // An unused float input [images, 512], as the public multi-modal exports have it.
    private static byte[] AddFeatureInput(string modelPath)
    {
        var model = ProtoMessage.Parse(File.ReadAllBytes(modelPath));
        var graph = model.Last(7)!.Value.Message;
        var shape = Message(ProtoField.Of(1, Message(ProtoField.Of(2, "images"))), ProtoField.Of(1, Message(ProtoField.Of(1, 512))));
        var tensor = Message(ProtoField.Of(1, 1), ProtoField.Of(2, shape));
        graph.Fields.Add(ProtoField.Of(11, Message(ProtoField.Of(1, "image_features"), ProtoField.Of(2, Message(ProtoField.Of(1, tensor))))));
        model.Fields[model.Fields.FindIndex(static field => field.Number == 7)] = ProtoField.Of(7, graph);
        return model.ToBytes();

        static ProtoMessage Message(params ProtoField[] fields)
        {
            var message = new ProtoMessage();
            message.Fields.AddRange(fields);
            return message;
        }
    }

    private static ModelFolderException AssertRefused(string folder, string file)
    {
        var exception = Assert.Throws<ModelFolderException>(() => EmbeddingModel.Load(folder, DevicePreference.Cpu, NullLogger.Instance));
        Assert.Contains(folder, exception.Message, StringComparison.Ordinal);
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
        return exception;
    }

    private static float MaxDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var difference = 0f;
        for (var i = 0; i < expected.Length; i++)
        {
            difference = MathF.Max(difference, MathF.Abs(expected[i] - actual[i]));
        }

        return difference;
    }
}
