using System.IO.Pipelines;
using System.Text.Json;
using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Writes one chat completion, whole or as a stream of server-sent events.</summary>
internal sealed class ChatCompletionWriter(PipeWriter body, string id, long createdSeconds, string model) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, WireFormat.WriterOptions);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes the whole completion as one JSON object.</summary>
    public void WriteCompletion(string content, FinishReason finish, int promptTokens, int completionTokens)
    {
        _json.Reset(body);
        WriteHead("chat.completion");
        StartChoice();
        _json.WriteStartObject("message");
        _json.WriteString("role", "assistant");
        _json.WriteString("content", content);
        _json.WriteNull("refusal");
        _json.WriteEndObject();
        EndChoice(finish);
        WriteUsage(promptTokens, completionTokens);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Writes the chunk that opens a stream.</summary>
    public void WriteRole() => WriteChunk(null, "assistant", "");

    /// <summary>Writes a chunk with a piece of the text.</summary>
    public void WriteContent(string text) => WriteChunk(null, null, text);

    /// <summary>Writes the chunk that says why the text ended.</summary>
    public void WriteFinish(FinishReason finish) => WriteChunk(finish, null, null);

    /// <summary>Writes the chunk with the usage, which has no choice.</summary>
    public void WriteUsageChunk(int promptTokens, int completionTokens)
    {
        StartEvent();
        WriteHead("chat.completion.chunk");
        _json.WriteStartArray("choices");
        _json.WriteEndArray();
        WriteUsage(promptTokens, completionTokens);
        EndEvent();
    }

    /// <summary>Writes the event that ends a complete stream.</summary>
    public void WriteDone() => Write("data: [DONE]\n\n"u8);

    /// <summary>Writes an event with an error, which ends a broken stream.</summary>
    public void WriteError(OpenAIError error)
    {
        Write("data: "u8);
        OpenAIErrorWriter.WriteBody(body, error);
        Write("\n\n"u8);
    }

    private void WriteChunk(FinishReason? finish, string? role, string? content)
    {
        StartEvent();
        WriteHead("chat.completion.chunk");
        StartChoice();
        _json.WriteStartObject("delta");
        if (role is not null)
        {
            _json.WriteString("role", role);
        }

        if (content is not null)
        {
            _json.WriteString("content", content);
        }

        _json.WriteEndObject();
        EndChoice(finish);
        EndEvent();
    }

    private void StartEvent()
    {
        Write("data: "u8);
        _json.Reset(body);
    }

    private void EndEvent()
    {
        _json.WriteEndObject();
        _json.Flush();
        Write("\n\n"u8);
    }

    private void WriteHead(string kind)
    {
        _json.WriteStartObject();
        _json.WriteString("id", id);
        _json.WriteString("object", kind);
        _json.WriteNumber("created", createdSeconds);
        _json.WriteString("model", model);
    }

    private void StartChoice()
    {
        _json.WriteStartArray("choices");
        _json.WriteStartObject();
        _json.WriteNumber("index", 0);
    }

    private void EndChoice(FinishReason? finish)
    {
        _json.WriteNull("logprobs");
        _json.WriteString("finish_reason", finish switch { FinishReason.Stop => "stop", FinishReason.Length => "length", _ => null });
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void WriteUsage(int promptTokens, int completionTokens)
    {
        _json.WriteStartObject("usage");
        _json.WriteNumber("prompt_tokens", promptTokens);
        _json.WriteNumber("completion_tokens", completionTokens);
        _json.WriteNumber("total_tokens", promptTokens + completionTokens);
        _json.WriteEndObject();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }
}
