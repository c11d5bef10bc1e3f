using System.Text;
using System.Text.Json.Nodes;
using RouterGateway.Gateway.Streaming;
using RouterGateway.Gateway.Tools.Requests;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Rounds of a streamed request as one stream: one id, one role, the caller's calls only, one end, the usage of all.</summary>
/// <remarks>Text is passed on as it comes. What a round ends with is held until it is known whether another round follows.</remarks>
internal sealed class StreamedRounds(HttpContext context, ToolPlan plan) : IAnswerRounds
{
    private readonly UsageSum _usage = new();
    private readonly ArrayBuffer _unread = new();
    private StreamedCalls _calls = new(plan);
    private StringBuilder _content = new();
    private StringBuilder _reasoning = new();
    private JsonObject? _finish;
    private JsonObject? _usageChunk;
    private JsonObject? _roundUsage;
    private string? _id;
    private bool _hasRole;
    private bool _finishHadUsage;
    private bool _isRead;
    private int _rounds;

    public Stream BeginRound()
    {
        (_content, _reasoning, _finish, _finishHadUsage, _roundUsage, _isRead) = (new StringBuilder(), new StringBuilder(), null, false, null, false);
        _calls = new StreamedCalls(plan);
        _unread.Clear();
        _rounds++;
        return new RoundStream(ReadAsync);
    }

    public async ValueTask<RoundAnswer?> EndRoundAsync(HttpResponse answer, CancellationToken cancellationToken)
    {
        if (!_isRead)
        {
            if (CompletionJson.Parse(_unread.Bytes.Span) is not { } document || document["choices"] is not JsonArray { Count: > 0 })
            {
                return null;
            }

            await TakeDocumentAsync(document, cancellationToken);
        }

        if (_roundUsage is not null)
        {
            _usage.Add(_roundUsage);
        }

        return new RoundAnswer
        {
            Content = _content.ToString(),
            Reasoning = _reasoning.ToString(),
            Calls = _calls.ToRequested(),
            IsCutOff = FinishReason is "length" or "content_filter",
        };
    }

    private string? FinishReason => CompletionJson.Text(_finish?["choices"]?[0] as JsonObject, "finish_reason");

    public Task NoteAsync(string what, RequestedCall call, CancellationToken cancellationToken)
    {
        // a comment: SDKs pass over it, and an event of another name they would take for a chunk
        var note = new JsonObject { ["event"] = what, ["id"] = call.Id, ["name"] = call.Name };
        byte[] comment = [.. ": tool "u8, .. CompletionJson.ToBytes(note), .. "\n\n"u8];
        return WriteAsync(comment, cancellationToken);
    }

    public async Task FinishAsync(bool outOfRounds, CancellationToken cancellationToken)
    {
        if (_finish is not null)
        {
            if (_calls.ForCaller == 0 && _finish["choices"]?[0] is JsonObject choice && (outOfRounds || FinishReason == "tool_calls"))
            {
                choice["finish_reason"] = outOfRounds ? "length" : "stop";
            }

            if (_finishHadUsage && _usage.IsKnown)
            {
                _finish["usage"] = _usage.ToJson();
            }

            await SendAsync(_finish, cancellationToken);
        }

        if (_usageChunk is not null && _usage.IsKnown)
        {
            _usageChunk["usage"] = _usage.ToJson();
            await SendAsync(_usageChunk, cancellationToken);
        }

        await WriteAsync("data: [DONE]\n\n"u8.ToArray(), cancellationToken);
    }

    private async Task ReadAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _unread.Add(bytes.Span);
        while (ServerSentEvents.TryTakeEvent(_unread.Bytes.Span, isEnd: true, out var length)) // a CR may be the last byte there is; its LF is an empty line then
        {
            _isRead = true;
            var serverSentEvent = _unread.Bytes[..length];
            var data = ServerSentEvents.Data(serverSentEvent.Span);
            if (data is [(byte)'{', ..] && CompletionJson.Parse(data) is { } chunk && (chunk.ContainsKey("choices") || chunk.ContainsKey("usage")))
            {
                await TakeAsync(chunk, cancellationToken);
            }
            else if (!data.AsSpan().TrimEnd((byte)' ').SequenceEqual("[DONE]"u8) && !serverSentEvent.Span.Trim("\r\n"u8).IsEmpty)
            {
                await WriteAsync(serverSentEvent, cancellationToken); // a comment, or not ours to judge
            }

            _unread.Drop(length);
        }
    }

    private Task TakeAsync(JsonObject chunk, CancellationToken cancellationToken)
    {
        var hasUsage = chunk["usage"] is JsonObject;
        if (chunk["usage"] is JsonObject usage)
        {
            _roundUsage = usage; // the last counts: who tells it with every chunk counts up
            chunk.Remove("usage");
        }

        if (chunk["choices"] is not JsonArray { Count: > 0 } choices || choices[0] is not JsonObject choice)
        {
            _usageChunk = hasUsage ? Own(chunk) : _usageChunk;
            return hasUsage ? Task.CompletedTask : SendAsync(Own(chunk), cancellationToken);
        }

        if (CompletionJson.Number(choice, "index") is > 0)
        {
            return SendAsync(Own(chunk), cancellationToken); // n > 1: nothing is run, see ToolChooser
        }

        var hasCalls = (choice["delta"] as JsonObject)?["tool_calls"] is JsonArray { Count: > 0 };
        var says = choice["delta"] is JsonObject delta && Read(delta);
        if (CompletionJson.Text(choice, "finish_reason") is { } reason)
        {
            _finishHadUsage |= hasUsage;
            _finish = (JsonObject)Own(chunk).DeepClone();
            _finish["choices"]![0]!["delta"] = new JsonObject();
            _finish["choices"]![0]!["finish_reason"] = reason;
            if (says)
            {
                ((JsonObject)_finish["choices"]![0]!).Remove("logprobs"); // they stand beside the text
            }

            choice["finish_reason"] = null;
        }
        else
        {
            says |= choice["logprobs"] is JsonObject && !hasCalls; // of a token without text, as a piece of a character is
        }

        return says ? SendAsync(Own(chunk), cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Notes what a delta says, and takes out what the caller is not to see.</summary>
    /// <returns>False when nothing is left.</returns>
    private bool Read(JsonObject delta)
    {
        _content.Append(CompletionJson.Text(delta, "content"));
        _reasoning.Append(CompletionJson.Text(delta, "reasoning_content"));
        if (delta["tool_calls"] is JsonArray calls)
        {
            foreach (var call in calls.OfType<JsonObject>().Where(call => !_calls.Read(call)).ToArray())
            {
                calls.Remove(call);
            }

            if (calls.Count == 0)
            {
                delta.Remove("tool_calls");
            }
        }

        if (_hasRole || CompletionJson.Filled(delta, "role") is null)
        {
            delta.Remove("role");
        }

        _hasRole |= delta.ContainsKey("role");
        return delta.Any(member => member.Value is not null && !(member.Key == "content" && CompletionJson.Text(delta, "content") is { Length: 0 }));
    }

    /// <summary>Takes an answer that came whole although a stream was asked for.</summary>
    private Task TakeDocumentAsync(JsonObject document, CancellationToken cancellationToken)
    {
        document["object"] = "chat.completion.chunk";
        foreach (var choice in ((JsonArray)document["choices"]!).OfType<JsonObject>())
        {
            var message = choice["message"];
            choice.Remove("message");
            choice["delta"] = message;
            var number = 0;
            foreach (var call in ((message as JsonObject)?["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
            {
                call["index"] = number++;
            }
        }

        return TakeAsync(document, cancellationToken);
    }

    private JsonObject Own(JsonObject chunk)
    {
        _id ??= CompletionJson.Filled(chunk, "id");
        if (_rounds > 1 && _id is not null)
        {
            chunk["id"] = _id;
        }

        return chunk;
    }

    private Task SendAsync(JsonObject chunk, CancellationToken cancellationToken)
    {
        byte[] bytes = [.. "data: "u8, .. CompletionJson.ToBytes(chunk), .. "\n\n"u8];
        return WriteAsync(bytes, cancellationToken);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
        }

        await context.Response.Body.WriteAsync(bytes, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
