using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.OpenAI;

/// <summary>POST /v1/chat/completions, whole or streamed.</summary>
internal sealed partial class ChatCompletionsEndpoint(ServerState state, InferenceMetrics metrics, ILogger logger)
{
    private readonly TimeProvider _time = state.Options.TimeProvider;

    /// <summary>Serves one request: read, encode, queue, and only with the first token commit to a status.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var arrival = _time.GetTimestamp();
        try
        {
            if (state.Serving is not { } serving)
            {
                throw new RequestFormatException(OpenAIError.NotReady());
            }

            var body = await RequestBody.ReadAsync(context.Request, state.Options.MaxRequestBytes, context.RequestAborted)
                ?? throw new RequestFormatException(OpenAIError.TooLarge(state.Options.MaxRequestBytes));
            var chat = ChatCompletionRequestReader.Read(body);
            if (!state.IsServed(chat.Model))
            {
                throw new RequestFormatException(OpenAIError.UnknownModel(chat.Model!, state.Options.EffectiveModelName));
            }

            // Ends the generation with this call, however it ends.
            using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            var generation = CreateGeneration(serving, chat, left.Token);
            try
            {
                if (!serving.Engine.TryEnqueue(generation))
                {
                    metrics.CountRefused();
                    throw new RequestFormatException(OpenAIError.Overloaded());
                }

                await AnswerAsync(context, serving, chat, generation, arrival);
            }
            finally
            {
                await left.CancelAsync();
            }
        }
        catch (RequestFormatException e)
        {
            LogRefused(logger, e.Error.Status, e.Message);
            await OpenAIErrorWriter.WriteAsync(context.Response, e.Error, context.RequestAborted);
        }
        catch (EngineOverloadedException)
        {
            metrics.CountRefused();
            await OpenAIErrorWriter.WriteAsync(context.Response, OpenAIError.Overloaded(), context.RequestAborted);
        }
        catch (GenerationFailedException e) when (!context.Response.HasStarted)
        {
            await OpenAIErrorWriter.WriteAsync(context.Response, OpenAIError.Failed(e.Message), context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            LogClientLeft(logger);
            context.Abort();
        }
    }

    private static GenerationRequest CreateGeneration(ServingModel serving, ChatCompletionRequest chat, CancellationToken cancellationToken)
    {
        var prompt = EncodePrompt(serving.Model, chat.Messages);
        var context = serving.Model.Config.ContextTokens;
        if (prompt.Length >= context)
        {
            throw new RequestFormatException(OpenAIError.ContextExceeded(context, prompt.Length.ToString(CultureInfo.InvariantCulture)));
        }

        // A pool smaller than the context bounds a sequence too.
        var longest = (int)Math.Min(context, serving.Budget.PoolBytes / serving.Model.KvCache.BytesPerToken);
        var maxTokens = chat.MaxTokens ?? longest - prompt.Length;
        if (maxTokens < 1 || prompt.Length + (long)maxTokens > longest)
        {
            throw new RequestFormatException(OpenAIError.ContextExceeded(longest, prompt.Length, Math.Max(1, maxTokens)));
        }

        var defaults = serving.Model.Config.Sampling;
        var sampling = new SamplingOptions(
            chat.Temperature ?? defaults.Temperature,
            chat.TopP ?? defaults.TopP,
            (chat.TopK ?? defaults.TopK) is var topK && topK > 0 && topK < serving.Model.Tokenizer.VocabularySize ? topK : 0,
            chat.Seed);
        return new GenerationRequest(prompt, maxTokens, sampling, cancellationToken);
    }

    private static int[] EncodePrompt(GenerationModel model, IReadOnlyList<ChatMessage> messages)
    {
        // What cannot fit whatever its tokens are is refused before megabytes of it are encoded. A message costs one at least.
        var characters = messages.Sum(static message => (long)message.Content.Length);
        var fewestTokens = messages.Count + (characters / model.Tokenizer.LongestPieceBytes);
        if (fewestTokens > model.Config.ContextTokens)
        {
            throw new RequestFormatException(OpenAIError.ContextExceeded(model.Config.ContextTokens, $"at least {fewestTokens}"));
        }

        try
        {
            return model.Template.Encode(messages);
        }
        catch (ChatTemplateException e)
        {
            throw new RequestFormatException(OpenAIError.Invalid(e.Message, "messages", "invalid_messages"));
        }
    }

    private async Task AnswerAsync(HttpContext context, ServingModel serving, ChatCompletionRequest chat, GenerationRequest generation, long arrival)
    {
        var cancellationToken = context.RequestAborted;
        if (await generation.Tokens.WaitToReadAsync(cancellationToken)) // throws what failed the generation
        {
            metrics.TimeToFirstToken.Record(_time.GetElapsedTime(arrival).TotalSeconds);
        }

        using var writer = new ChatCompletionWriter(
            context.Response.BodyWriter, $"chatcmpl-{Guid.NewGuid():N}", _time.GetUtcNow().ToUnixTimeSeconds(), state.Options.EffectiveModelName);
        var text = new GeneratedText(generation, new StreamingDetokenizer(serving.Model.Tokenizer), new StopFilter(chat.Stop));
        if (chat.Stream)
        {
            await StreamAsync(context, chat, generation, text, writer);
            LogServed(generation, text, arrival);
            return;
        }

        var content = new StringBuilder();
        await foreach (var piece in text.ReadAsync(cancellationToken))
        {
            content.Append(piece);
        }

        context.Response.ContentType = "application/json";
        writer.WriteCompletion(content.ToString(), text.FinishReason, generation.Prompt.Length, text.CompletionTokens);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
        LogServed(generation, text, arrival);
    }

    private static async Task StreamAsync(HttpContext context, ChatCompletionRequest chat, GenerationRequest generation, GeneratedText text, ChatCompletionWriter writer)
    {
        var body = context.Response.BodyWriter;
        var cancellationToken = context.RequestAborted;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        writer.WriteRole();
        try
        {
            await foreach (var piece in text.ReadAsync(cancellationToken))
            {
                writer.WriteContent(piece);
                await body.FlushAsync(cancellationToken);
            }
        }
        catch (GenerationFailedException e)
        {
            // Something was sent, so the status cannot be changed, and the stream must not look complete. Thrown on, the
            // failure makes Kestrel close the connection without the end of the body; Abort would lose this event too.
            writer.WriteError(OpenAIError.Failed(e.Message));
            await body.FlushAsync(cancellationToken);
            throw;
        }

        writer.WriteFinish(text.FinishReason);
        if (chat.IncludeUsage)
        {
            writer.WriteUsageChunk(generation.Prompt.Length, text.CompletionTokens);
        }

        writer.WriteDone();
        await body.FlushAsync(cancellationToken);
    }

    private void LogServed(GenerationRequest generation, GeneratedText text, long arrival)
    {
        var elapsedMs = _time.GetElapsedTime(arrival).TotalMilliseconds;
        LogServed(logger, generation.Prompt.Length, text.CompletionTokens, text.FinishReason, elapsedMs);
    }

    [LoggerMessage(EventId = 3022, Level = LogLevel.Information, Message = "Answered {PromptTokens} tokens with {CompletionTokens} in {ElapsedMs:F1} ms, finished by {Finish}")]
    private static partial void LogServed(ILogger logger, int promptTokens, int completionTokens, FinishReason finish, double elapsedMs);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Debug, Message = "Refused a request with {Status}: {Reason}")]
    private static partial void LogRefused(ILogger logger, int status, string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Debug, Message = "A client left before its answer was complete")]
    private static partial void LogClientLeft(ILogger logger);
}
