using System.IO.Pipelines;
using System.Text.Json;
using RouterGateway.Inference.Answers;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Writes one chat completion, whole or as a stream of server-sent events.</summary>
/// <param name="body">Where to.</param>
/// <param name="id">What the client calls it.</param>
/// <param name="createdSeconds">When it was made, in Unix time.</param>
/// <param name="model">The model's name.</param>
/// <param name="logProbabilities">Writes how likely tokens were; <see langword="null"/> when that is not asked for.</param>
internal sealed class ChatCompletionWriter(PipeWriter body, string id, long createdSeconds, string model, LogProbabilityWriter? logProbabilities) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, WireFormat.WriterOptions);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes the whole completion as one JSON object.</summary>
    public void WriteCompletion(IReadOnlyList<(CollectedAnswer Answer, string FinishReason)> choices, TokenUsage usage)
    {
        _json.Reset(body);
        WriteHead("chat.completion");
        _json.WriteStartArray("choices");
        for (var i = 0; i < choices.Count; i++)
        {
            var (answer, finish) = choices[i];
            _json.WriteStartObject();
            _json.WriteNumber("index", i);
            WriteMessage(answer);
            WriteEndOfChoice(new AnswerPart(AnswerPartKind.Content, "") { Tokens = answer.Tokens }, finish);
        }

        _json.WriteEndArray();
        WriteUsage(usage);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Writes the chunk that opens a choice of a stream.</summary>
    public void WriteRole(int choice)
    {
        StartChunk(choice);
        _json.WriteString("role", "assistant");
        _json.WriteString("content", "");
        EndChunk();
    }

    /// <summary>Writes a chunk with a part of an answer.</summary>
    public void WritePart(int choice, AnswerPart part)
    {
        if (part.Kind is AnswerPartKind.CallEnd or AnswerPartKind.CallBroken) // its arguments lack their last brace, so no client takes it for a call
        {
            return;
        }

        StartChunk(choice);
        switch (part.Kind)
        {
            case AnswerPartKind.Reasoning:
                _json.WriteString("reasoning_content", part.Text);
                break;
            case AnswerPartKind.Content:
                _json.WriteString("content", part.Text);
                break;
            default:
                WriteCall(part);
                break;
        }

        EndChunk(part);
    }

    /// <summary>Writes the chunk that says why an answer ended.</summary>
    public void WriteFinish(int choice, string reason)
    {
        StartChunk(choice);
        EndChunk(finish: reason);
    }

    /// <summary>Writes the chunk with the usage, which has no choice.</summary>
    public void WriteUsageChunk(TokenUsage usage)
    {
        StartEvent();
        WriteHead("chat.completion.chunk");
        _json.WriteStartArray("choices");
        _json.WriteEndArray();
        WriteUsage(usage);
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

    private void WriteMessage(CollectedAnswer answer)
    {
        var content = answer.Content;
        _json.WriteStartObject("message");
        _json.WriteString("role", "assistant");
        _json.WriteString("content", content.Length == 0 && answer.Calls.Count > 0 ? null : content);
        _json.WriteNull("refusal");
        if (answer.Reasoning is { Length: > 0 } reasoning)
        {
            _json.WriteString("reasoning_content", reasoning);
        }

        if (answer.Calls.Count > 0)
        {
            _json.WriteStartArray("tool_calls");
            foreach (var call in answer.Calls)
            {
                _json.WriteStartObject();
                WriteFunction(call.Id, call.Name, call.Arguments);
            }

            _json.WriteEndArray();
        }

        _json.WriteEndObject();
    }

    private void WriteCall(AnswerPart part)
    {
        _json.WriteStartArray("tool_calls");
        _json.WriteStartObject();
        _json.WriteNumber("index", part.Call);
        if (part.Kind == AnswerPartKind.CallStart)
        {
            WriteFunction(part.CallId!, part.Text, "");
        }
        else
        {
            _json.WriteStartObject("function");
            _json.WriteString("arguments", part.Text);
            _json.WriteEndObject();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    // The rest of an object that was begun.
    private void WriteFunction(string id, string name, string arguments)
    {
        _json.WriteString("id", id);
        _json.WriteString("type", "function");
        _json.WriteStartObject("function");
        _json.WriteString("name", name);
        _json.WriteString("arguments", arguments);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void StartChunk(int choice)
    {
        StartEvent();
        WriteHead("chat.completion.chunk");
        _json.WriteStartArray("choices");
        _json.WriteStartObject();
        _json.WriteNumber("index", choice);
        _json.WriteStartObject("delta");
    }

    private void EndChunk(AnswerPart part = default, string? finish = null)
    {
        _json.WriteEndObject();
        WriteEndOfChoice(part, finish);
        _json.WriteEndArray();
        EndEvent();
    }

    private void WriteEndOfChoice(AnswerPart part, string? finish)
    {
        if (logProbabilities is not null && part.Tokens is { } tokens)
        {
            _json.WriteStartObject("logprobs");
            logProbabilities.Write(_json, tokens);
            _json.WriteNull("refusal");
            _json.WriteEndObject();
        }
        else
        {
            _json.WriteNull("logprobs");
        }

        _json.WriteString("finish_reason", finish);
        _json.WriteEndObject();
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

    private void WriteUsage(TokenUsage usage)
    {
        _json.WriteStartObject("usage");
        _json.WriteNumber("prompt_tokens", usage.PromptTokens);
        _json.WriteNumber("completion_tokens", usage.CompletionTokens);
        _json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        _json.WriteStartObject("prompt_tokens_details");
        _json.WriteNumber("cached_tokens", usage.CachedTokens);
        _json.WriteEndObject();
        _json.WriteStartObject("completion_tokens_details");
        _json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }
}
