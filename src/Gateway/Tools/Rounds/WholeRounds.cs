using System.Text.Json.Nodes;
using RouterGateway.Gateway.Tools.Requests;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Rounds of a request that is no stream: each answer comes whole, and only the last is sent.</summary>
internal sealed class WholeRounds(HttpContext context, ToolPlan plan) : IAnswerRounds
{
    private readonly UsageSum _usage = new();
    private readonly ArrayBuffer _bytes = new();
    private JsonObject? _answer;
    private string? _contentType;
    private int _rounds;

    public Stream BeginRound()
    {
        _rounds++;
        _bytes.Clear();
        return new RoundStream((bytes, _) =>
        {
            _bytes.Add(bytes.Span);
            return Task.CompletedTask;
        });
    }

    public ValueTask<RoundAnswer?> EndRoundAsync(HttpResponse answer, CancellationToken cancellationToken)
    {
        _contentType = answer.ContentType;
        return new ValueTask<RoundAnswer?>(Read());
    }

    private RoundAnswer Read()
    {
        _answer = CompletionJson.Parse(_bytes.Bytes.Span);
        if (_answer?["usage"] is JsonObject usage)
        {
            _usage.Add(usage);
        }

        if (_answer?["choices"] is not JsonArray { Count: 1 } choices || choices[0] is not JsonObject choice || choice["message"] is not JsonObject message)
        {
            return RoundAnswer.Final; // several choices, or nothing that is known here: the caller's business
        }

        return new RoundAnswer
        {
            Content = CompletionJson.Text(message, "content") ?? "",
            Reasoning = CompletionJson.Text(message, "reasoning_content") ?? "",
            Calls = ReadCalls(message),
            IsCutOff = CompletionJson.Text(choice, "finish_reason") is "length" or "content_filter",
        };
    }

    public Task NoteAsync(string what, RequestedCall call, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task FinishAsync(bool outOfRounds, CancellationToken cancellationToken)
    {
        var bytes = _bytes.Bytes;
        if (_answer is not null && (HideCalls(outOfRounds) | _rounds > 1))
        {
            if (_usage.IsKnown)
            {
                _answer["usage"] = _usage.ToJson();
            }

            bytes = CompletionJson.ToBytes(_answer);
        }

        context.Response.ContentType = _contentType ?? "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, cancellationToken);
    }

    private List<RequestedCall> ReadCalls(JsonObject message)
    {
        var calls = new List<RequestedCall>();
        foreach (var call in (message["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (CompletionJson.Text(call, "id") is not { Length: > 0 } id)
            {
                call["id"] = id = RequestedCall.NewId();
            }

            calls.Add(new RequestedCall(id, NameOf(call), CompletionJson.Arguments((call["function"] ?? call["custom"]) as JsonObject), plan.IsForCaller(NameOf(call))));
        }

        return calls;
    }

    /// <summary>Takes the calls that are not the caller's out of the answer.</summary>
    /// <returns>True when there were some.</returns>
    private bool HideCalls(bool outOfRounds)
    {
        if (_answer!["choices"] is not JsonArray { Count: 1 } choices || choices[0] is not JsonObject choice || choice["message"] is not JsonObject message || message["tool_calls"] is not JsonArray calls)
        {
            return false;
        }

        var hidden = calls.OfType<JsonObject>().Where(call => !plan.IsForCaller(NameOf(call))).ToArray();
        foreach (var call in hidden)
        {
            calls.Remove(call);
        }

        if (hidden.Length > 0 && calls.Count == 0)
        {
            message.Remove("tool_calls");
            choice["finish_reason"] = outOfRounds ? "length" : CompletionJson.Text(choice, "finish_reason") is "tool_calls" or null ? "stop" : CompletionJson.Text(choice, "finish_reason");
        }

        return hidden.Length > 0;
    }

    private static string NameOf(JsonObject call) => CompletionJson.Text((call["function"] ?? call["custom"]) as JsonObject, "name") ?? "";
}
