using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.Status;

namespace RouterGateway.Inference.OpenAI;

/// <summary>POST /detokenize, in vLLM's shape: the text of ids, that of control tokens included.</summary>
internal sealed class DetokenizeEndpoint(ServerState state)
{
    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context, IServing serving, ReadOnlyMemory<byte> body)
    {
        var text = serving.Tokenizer.Decode(ReadTokens(serving, body), skipSpecial: false);
        context.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(context.Response.BodyWriter, WireFormat.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("prompt", text);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private int[] ReadTokens(IServing serving, ReadOnlyMemory<byte> body)
    {
        using var document = RequestBody.ParseObject(body);
        state.CheckServed(JsonFields.ReadText(document.RootElement, "model"));
        if (!JsonFields.TryGet(document.RootElement, "tokens", out var array))
        {
            throw new RequestFormatException(OpenAIError.Missing("tokens"));
        }

        var tokens = JsonFields.ReadTokens(array, "tokens");
        var last = serving.Tokenizer.VocabularySize - 1;
        return tokens.AsSpan().IndexOfAnyExceptInRange(0, last) is >= 0 and var position
            ? throw new RequestFormatException(OpenAIError.WrongValue($"tokens[{position}]", $"a token id from 0 to {last}"))
            : tokens;
    }
}
