using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Embeddings;

/// <summary>An embedding model: text to a vector, in one pass. Thread-safe; concurrent callers share one session.</summary>
/// <remarks>
/// The folder holds model.onnx (or onnx/model.onnx, or one model_*.onnx), tokenizer.json and config.json, as the public EmbeddingGemma 2
/// exports do: input_ids and attention_mask in, sentence_embedding out.
/// </remarks>
public sealed partial class EmbeddingModel : IDisposable
{
    private const long SmallModelBytes = 64L << 20;

    private readonly OnnxSession _session;
    private readonly EmbeddingConfig _config;
    private int _users = 1; // the owner and every run under way; the last one disposes the session
    private bool _isDisposed;

    private EmbeddingModel(OnnxSession session, EmbeddingConfig config, BpeTokenizer tokenizer, string hash)
    {
        _session = session;
        _config = config;
        Tokenizer = tokenizer;
        Hash = hash;
        _featureNames = [.. session.Session.InputMetadata.Keys.Except(_tokenInputs).Order(StringComparer.Ordinal)];
        _inputNames = [.. _tokenInputs, .. _featureNames];
    }

    /// <summary>Length of an embedding.</summary>
    public int Dimension { get; private set; }

    /// <summary>Longest input in tokens, bos and eos included.</summary>
    public int MaxTokens => _config.MaxTokens;

    /// <summary>Where it runs: "cuda" or "cpu".</summary>
    public string Device => _session.Device;

    /// <summary>SHA-256 of the model and tokenizer files in hexadecimal; equal for equal embeddings.</summary>
    public string Hash { get; }

    /// <summary>The model's tokenizer.</summary>
    public BpeTokenizer Tokenizer { get; }

    /// <summary>Prompt texts by task name, to put before the text; empty if the folder names none.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _config.Prompts;

    /// <summary>Loads a model folder and runs it once.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where to run it.</param>
    /// <param name="logger">Receives the device and the reason for it.</param>
    /// <exception cref="ModelFolderException">The folder lacks a file, or one is damaged or of another kind.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static EmbeddingModel Load(string folder, DevicePreference device, ILogger logger)
    {
        var modelFile = FindModelFile(folder);
        var config = EmbeddingConfig.Load(folder);
        var tokenizer = BpeTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        var modelPath = Path.Combine(folder, modelFile);
        EmbeddingModel? model = null;
        OnnxSession? session = null;
        try
        {
            session = OnnxSession.Open(modelPath, device, ChooseThreads(modelPath), logger);
            CheckContract(session.Session, folder, modelFile);
            model = new EmbeddingModel(session, config, tokenizer, ModelFileHash.Compute(ModelFileHash.WithExternalData(Path.Combine(folder, modelFile)).Append(Path.Combine(folder, "tokenizer.json"))));
            model.Dimension = model.MeasureDimension();
            return model;
        }
        catch (OnnxRuntimeException e)
        {
            session?.Dispose();
            throw new ModelFolderException(
                folder, modelFile, $"is not a model that ONNX Runtime can run ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): copy it again", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>The ids of a text with the model's bos and eos; not cut at <see cref="MaxTokens"/>.</summary>
    /// <param name="text">Plain text: control tokens spelled in it stay text.</param>
    public int[] Tokenize(ReadOnlySpan<char> text)
    {
        var tokens = new List<int>(16 + (text.Length / 3));
        tokens.AddRange(Tokenizer.Prefix);
        Tokenizer.Encode(text, tokens);
        tokens.AddRange(Tokenizer.Suffix);
        return [.. tokens];
    }

    /// <summary>Refuses further calls; the native session goes when the last call under way has ended.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            Leave();
        }
    }

    // A native session that is disposed during a run takes the process with it.
    private void Enter()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _isDisposed), this);
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _session.Dispose();
        }
    }

    private static string FindModelFile(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model");
        }

        return EmbeddingFiles.TryFindGraph(folder)
            ?? throw new ModelFolderException(folder, "model.onnx", "is missing (also as onnx/model.onnx, and there is no single model_*.onnx): copy it from the model's repository");
    }

    // A second thread costs a small model more in hand-over than it saves; a large one cannot do without.
    private static int ChooseThreads(string modelPath)
    {
        var bytes = ModelFileHash.WithExternalData(modelPath).Sum(static file => new FileInfo(file).Length);
        return bytes <= SmallModelBytes ? 1 : Environment.ProcessorCount;
    }
}
