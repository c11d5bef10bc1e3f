using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.OpenAI;

/// <summary>POST /v1/embeddings.</summary>
internal sealed partial class EmbeddingsEndpoint(ServerState state, InferenceMetrics metrics, ILogger logger)
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/v1/embeddings";

    private const int CharactersPerTurn = 64 << 10; // tens of milliseconds; then the thread looks after others first

    private readonly TimeProvider _time = state.Options.TimeProvider;

    /// <summary>Serves one request; commits to a status when all its embeddings are there.</summary>
    public async Task HandleAsync(HttpContext context, ServingEmbedding serving, ReadOnlyMemory<byte> body)
    {
        var arrival = _time.GetTimestamp();
        var request = EmbeddingRequestReader.Read(body);
        state.CheckServed(request.Model);
        var dimension = serving.Model.Dimension;
        if (request.Dimensions > dimension)
        {
            throw new RequestFormatException(OpenAIError.WrongValue("dimensions", $"at most {dimension}, which is what the model has"));
        }

        var inputs = await EncodeAsync(serving, request.Inputs, context.RequestAborted);
        var promptTokens = inputs.Sum(static input => input.Length);
        var embeddings = await EmbedAsync(serving.Engine, inputs, context.RequestAborted);
        metrics.CountPromptTokens(promptTokens);
        if (request.Dimensions is { } kept && kept < dimension)
        {
            embeddings = Cut(embeddings, dimension, kept);
        }

        context.Response.ContentType = "application/json";
        var writer = new EmbeddingsWriter(context.Response.BodyWriter, state.Options.EffectiveModelName);
        await writer.WriteAsync(embeddings, inputs.Length, request.IsBase64, promptTokens, context.RequestAborted);
        var elapsedMs = _time.GetElapsedTime(arrival).TotalMilliseconds;
        LogServed(logger, inputs.Length, promptTokens, elapsedMs);
    }

    private static async Task<int[][]> EncodeAsync(ServingEmbedding serving, IReadOnlyList<EmbeddingInput> inputs, CancellationToken cancellationToken)
    {
        var encoded = new int[inputs.Count][];
        var characters = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoded[i] = Encode(serving, inputs[i]);
            characters += inputs[i].Text?.Length ?? 0;
            if (characters > CharactersPerTurn)
            {
                characters = 0;
                await Task.Yield();
            }
        }

        return encoded;
    }

    private static int[] Encode(ServingEmbedding serving, EmbeddingInput input)
    {
        var model = serving.Model;
        if (input.Text is { } text)
        {
            // What cannot fit whatever its tokens are is refused before megabytes of it are encoded.
            var fewestTokens = text.Length / model.Tokenizer.LongestPieceBytes;
            if (fewestTokens > model.MaxTokens)
            {
                throw new RequestFormatException(OpenAIError.InputTooLong(input.Place, model.MaxTokens, $"at least {fewestTokens}"));
            }
        }

        var tokens = input.Tokens ?? model.Tokenize(input.Text);
        if (tokens.Length > model.MaxTokens)
        {
            throw new RequestFormatException(OpenAIError.InputTooLong(input.Place, model.MaxTokens, tokens.Length.ToString(CultureInfo.InvariantCulture)));
        }

        return tokens.AsSpan().IndexOfAnyExceptInRange(0, serving.VocabularySize - 1) is >= 0 and var position
            ? throw new RequestFormatException(OpenAIError.WrongValue($"{input.Place}[{position}]", $"a token id from 0 to {serving.VocabularySize - 1}"))
            : tokens;
    }

    private async Task<float[]> EmbedAsync(EmbeddingEngine engine, int[][] inputs, CancellationToken cancellationToken)
    {
        try
        {
            var embeddings = await engine.EmbedAsync(inputs, cancellationToken);
            metrics.CountFinished("stop");
            return embeddings;
        }
        catch (OperationCanceledException)
        {
            metrics.CountFinished("abort");
            throw;
        }
        catch (EmbeddingFailedException)
        {
            metrics.CountFinished("error");
            throw;
        }
    }

    // The first numbers of a Matryoshka embedding are one by themselves, once they are of length 1 again.
    private static float[] Cut(float[] embeddings, int dimension, int kept)
    {
        var rows = embeddings.Length / dimension;
        var cut = new float[rows * kept];
        for (var row = 0; row < rows; row++)
        {
            var part = embeddings.AsSpan(row * dimension, kept);
            var norm = TensorPrimitives.Norm<float>(part);
            TensorPrimitives.Divide(part, norm > 0 ? norm : 1, cut.AsSpan(row * kept, kept));
        }

        return cut;
    }

    [LoggerMessage(EventId = 3060, Level = LogLevel.Information, Message = "Embedded {Inputs} inputs of {PromptTokens} tokens in {ElapsedMs:F1} ms")]
    private static partial void LogServed(ILogger logger, int inputs, int promptTokens, double elapsedMs);
}
