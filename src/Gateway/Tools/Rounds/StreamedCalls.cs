using System.Text.Json.Nodes;
using RouterGateway.Gateway.Tools.Requests;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>The calls of one streamed round, put together from their deltas; those of the caller are numbered anew as they pass.</summary>
internal sealed class StreamedCalls(ToolPlan plan)
{
    private readonly List<StreamedCall> _calls = [];

    /// <summary>How many of them are the caller's.</summary>
    public int ForCaller { get; private set; }

    public IReadOnlyList<RequestedCall> ToRequested() => [.. _calls.Select(static call => call.ToRequested())];

    /// <summary>Notes what a delta says of a call, and makes it one that the caller may see.</summary>
    /// <returns>False when the caller does not see it: it is the gateway's, or not known yet to be the caller's.</returns>
    public bool Read(JsonObject delta)
    {
        var function = (delta["function"] ?? delta["custom"]) as JsonObject;
        var (id, name) = (CompletionJson.Filled(delta, "id"), CompletionJson.Filled(function, "name"));
        var call = Find(CompletionJson.Number(delta, "index"), id, name);
        var isHeld = call.Arguments.Length > 0;
        call.GivenId ??= id;
        call.Arguments.Append(CompletionJson.Arguments(function));
        if (call.Name.Length > 0)
        {
            delta.Remove("id"); // SDKs join what comes twice
            function?.Remove("name");
        }
        else if (name is null)
        {
            return false; // whose it is, its name will tell
        }
        else
        {
            call.Begin(name, plan.IsForCaller(name) ? ForCaller++ : null);
            delta["id"] = call.Id;
            delta["type"] ??= "function";
            if (isHeld)
            {
                function!["arguments"] = call.Arguments.ToString(); // there, as the name was in it
            }
        }

        if (call.CallerIndex is { } number)
        {
            delta["index"] = number;
        }

        return call.CallerIndex is not null;
    }

    /// <summary>The call that a delta goes on with, or a new one: backends number and name them in many ways (Ollama numbers all of them 0, others give no id).</summary>
    private StreamedCall Find(int? index, string? id, string? name)
    {
        var known = _calls.FindLast(call => (index is null || call.Index == index) && (id is null || call.GivenId is null || call.GivenId == id) && !IsAnother(call));
        if (known is null)
        {
            _calls.Add(known = new StreamedCall(index ?? _calls.Count));
        }

        return known;

        // a second name, where no id tells: whole calls, one after the other
        bool IsAnother(StreamedCall call) => name is not null && call.Name.Length > 0 && (id is null || call.GivenId is null) && (index is null || call.Arguments.Length > 0);
    }
}
