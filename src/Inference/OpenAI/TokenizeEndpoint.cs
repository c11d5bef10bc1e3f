using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.Status;

namespace RouterGateway.Inference.OpenAI;

/// <summary>POST /tokenize, in vLLM's shape: the ids of a text, or of a conversation as the model reads it.</summary>
internal sealed class TokenizeEndpoint(ServerState state)
{
    private const int FlushBytes = 64 << 10;

    // A text of megabytes without a space keeps a thread for seconds; such bodies take turns, so that the others find threads.
    private const int LargeBytes = 1 << 20;

    private static readonly SemaphoreSlim _largeTurn = new(1); // of the process, as its threads are

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context, IServing serving, ReadOnlyMemory<byte> body)
    {
        var isLarge = body.Length > LargeBytes;
        if (isLarge)
        {
            await _largeTurn.WaitAsync(context.RequestAborted);
        }

        IReadOnlyList<int> tokens;
        bool withTexts;
        try
        {
            (tokens, withTexts) = Read(serving, body);
        }
        finally
        {
            if (isLarge)
            {
                _largeTurn.Release();
            }
        }

        context.Response.ContentType = "application/json";
        await WriteAsync(context.Response.BodyWriter, serving, tokens, withTexts, context.RequestAborted);
    }

    private (IReadOnlyList<int> Tokens, bool WithTexts) Read(IServing serving, ReadOnlyMemory<byte> body)
    {
        using var document = RequestBody.ParseObject(body);
        var root = document.RootElement;
        state.CheckServed(JsonFields.ReadText(root, "model"));
        var prompt = JsonFields.ReadText(root, "prompt");
        var isChat = JsonFields.TryGet(root, "messages", out _);
        if (prompt is null == !isChat)
        {
            throw new RequestFormatException(isChat
                ? OpenAIError.Invalid("Either 'prompt' or 'messages' may be given, not both.", "prompt", "invalid_value")
                : OpenAIError.Missing("prompt"));
        }

        // vLLM's defaults: a text gets its bos here, a conversation from the template.
        var withSpecial = JsonFields.ReadBoolean(root, "add_special_tokens") ?? !isChat;
        var tokens = new List<int>(withSpecial ? serving.Tokenizer.Prefix : []);
        if (isChat)
        {
            tokens.AddRange(EncodeMessages(serving, root, body));
        }
        else
        {
            serving.Tokenizer.Encode(prompt, tokens);
        }

        tokens.AddRange(withSpecial ? serving.Tokenizer.Suffix : []);
        return (tokens, JsonFields.ReadBoolean(root, "return_token_strs") ?? false);
    }

    private static int[] EncodeMessages(IServing serving, JsonElement root, ReadOnlyMemory<byte> body)
    {
        if (serving is not ServingModel { Model: var model })
        {
            throw new RequestFormatException(OpenAIError.Invalid($"The model is {serving.Kind}, which has no conversations: send 'prompt'.", "messages", "invalid_messages"));
        }

        if (JsonFields.ReadBoolean(root, "add_generation_prompt") is false || JsonFields.ReadBoolean(root, "continue_final_message") is true)
        {
            throw new RequestFormatException(OpenAIError.WrongValue("add_generation_prompt", "true, without 'continue_final_message': prompts end with the opening of the model's turn here"));
        }

        return ChatGenerations.EncodePrompt(model, ChatCompletionRequestReader.Read(body).Prompt);
    }

    private static async Task WriteAsync(PipeWriter body, IServing serving, IReadOnlyList<int> tokens, bool withTexts, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(body, WireFormat.WriterOptions);
        json.WriteStartObject();
        json.WriteNumber("count", tokens.Count);
        json.WriteNumber("max_model_len", serving.ContextTokens);
        json.WriteStartArray("tokens");
        foreach (var token in tokens)
        {
            json.WriteNumberValue(token);
            await FlushSomeAsync();
        }

        json.WriteEndArray();
        if (withTexts)
        {
            json.WriteStartArray("token_strs");
            foreach (var token in tokens)
            {
                json.WriteStringValue(serving.Tokenizer.GetPiece(token));
                await FlushSomeAsync();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        await body.FlushAsync(cancellationToken);

        async ValueTask FlushSomeAsync()
        {
            if (json.BytesPending + body.UnflushedBytes > FlushBytes)
            {
                await json.FlushAsync(cancellationToken);
                await body.FlushAsync(cancellationToken);
            }
        }
    }
}
