using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;

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

            // Ends all generations with this call, however it ends.
            using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            var answers = await ChatGenerations.CreateAsync(serving, chat, left.Token);
            try
            {
                if (!answers.TryEnqueue(serving.Engine))
                {
                    metrics.CountRefused();
                    throw new RequestFormatException(OpenAIError.Overloaded());
                }

                await AnswerAsync(context, serving, chat, answers, arrival);
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
        catch (EngineOverloadedException) when (!context.Response.HasStarted)
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

    private static TokenUsage CountUsage(GeneratedAnswers answers) =>
        new(answers.PromptTokens, answers.CachedTokens, answers.CompletionTokens, answers.ReasoningTokens);

    private static async Task WriteWholeAsync(HttpContext context, GeneratedAnswers answers, ChatCompletionWriter writer)
    {
        var collected = Array.ConvertAll(answers.Answers.ToArray(), static _ => new CollectedAnswer());
        await foreach (var (choice, parts) in answers.ReadAsync(context.RequestAborted))
        {
            foreach (var part in parts)
            {
                collected[choice].Add(part);
            }
        }

        context.Response.ContentType = "application/json";
        writer.WriteCompletion([.. collected.Zip(answers.Answers, static (text, answer) => (text, answer.FinishReason))], CountUsage(answers));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, ChatCompletionRequest chat, GeneratedAnswers answers, ChatCompletionWriter writer)
    {
        var body = context.Response.BodyWriter;
        var cancellationToken = context.RequestAborted;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        for (var choice = 0; choice < answers.Answers.Count; choice++)
        {
            writer.WriteRole(choice);
        }

        try
        {
            await foreach (var (choice, parts) in answers.ReadAsync(cancellationToken))
            {
                foreach (var part in parts)
                {
                    writer.WritePart(choice, part);
                }

                if (parts.Count == 0)
                {
                    writer.WriteFinish(choice, answers.Answers[choice].FinishReason);
                }

                await body.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is GenerationFailedException or EngineOverloadedException) // one of several answers may still have waited
        {
            // Something was sent, so the status cannot be changed, and the stream must not look complete. Thrown on, the
            // failure makes Kestrel close the connection without the end of the body; Abort would lose this event too.
            writer.WriteError(OpenAIError.Failed(e.Message));
            await body.FlushAsync(cancellationToken);
            throw;
        }

        if (chat.IncludeUsage)
        {
            writer.WriteUsageChunk(CountUsage(answers));
        }

        writer.WriteDone();
        await body.FlushAsync(cancellationToken);
    }

    private async Task AnswerAsync(HttpContext context, ServingModel serving, ChatCompletionRequest chat, GeneratedAnswers answers, long arrival)
    {
        if (await answers.WaitAsync(context.RequestAborted)) // throws what failed the generation
        {
            metrics.TimeToFirstToken.Record(_time.GetElapsedTime(arrival).TotalSeconds);
        }

        using var writer = new ChatCompletionWriter(
            context.Response.BodyWriter,
            $"chatcmpl-{Guid.NewGuid():N}",
            _time.GetUtcNow().ToUnixTimeSeconds(),
            state.Options.EffectiveModelName,
            chat.LikeliestTokens is null ? null : new LogProbabilityWriter(serving.Model.Tokenizer));
        await (chat.Stream ? StreamAsync(context, chat, answers, writer) : WriteWholeAsync(context, answers, writer));
        var finish = string.Join(", ", answers.Answers.Select(static answer => answer.FinishReason));
        var elapsedMs = _time.GetElapsedTime(arrival).TotalMilliseconds;
        LogServed(logger, answers.PromptTokens, answers.CompletionTokens, finish, elapsedMs);
    }

    [LoggerMessage(EventId = 3022, Level = LogLevel.Information, Message = "Answered {PromptTokens} tokens with {CompletionTokens} in {ElapsedMs:F1} ms, finished by {Finish}")]
    private static partial void LogServed(ILogger logger, int promptTokens, int completionTokens, string finish, double elapsedMs);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Debug, Message = "Refused a request with {Status}: {Reason}")]
    private static partial void LogRefused(ILogger logger, int status, string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Debug, Message = "A client left before its answer was complete")]
    private static partial void LogClientLeft(ILogger logger);
}
