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

    /// <summary>Reads a delta, and makes it one that the caller may see.</summary>
    /// <returns>False when the caller does not see it: it is the gateway's, or not known yet to be the caller's.</returns>
    public bool Read(JsonObject delta)
    {
        var function = (delta["function"] ?? delta["custom"]) as JsonObject;
        var (id, name) = (CompletionJson.Text(delta, "id") ?? "", CompletionJson.Text(function, "name") ?? "");
        var call = Find(CompletionJson.Number(delta, "index"), id, name);
        call.Id = call.Id.Length > 0 ? call.Id : id;
        call.Name = call.Name.Length > 0 ? call.Name : name;
        call.Arguments.Append(CompletionJson.Text(function, "arguments") ?? CompletionJson.Text(function, "input"));
        if (call.IsKnown)
        {
            delta["index"] = call.CallerIndex;
            return call.CallerIndex is not null;
        }

        if (call.Name.Length == 0)
        {
            return false; // whose it is, its name will tell
        }

        call.IsKnown = true;
        call.Id = call.Id.Length > 0 ? call.Id : CompletionJson.NewCallId();
        if (plan.IsForCaller(call.Name))
        {
            call.CallerIndex = ForCaller++;
            Complete(delta, call);
        }

        return call.CallerIndex is not null;
    }

    // what came before the name was held back
    private static void Complete(JsonObject delta, StreamedCall call)
    {
        (delta["index"], delta["id"]) = (call.CallerIndex, call.Id);
        if (delta["function"] is JsonObject function)
        {
            (function["name"], function["arguments"]) = (call.Name, call.Arguments.ToString());
            delta["type"] ??= "function";
        }
    }

    /// <summary>The call that a delta goes on with, or a new one: backends number and name them in many ways (Ollama numbers all of them 0, others give no id).</summary>
    private StreamedCall Find(int? index, string id, string name)
    {
        var known = id.Length > 0 ? _calls.FindLast(call => call.Id == id) : null;
        known ??= index is null ? _calls.LastOrDefault() : _calls.FindLast(call => call.Index == index);
        var isAnother = known is null
            || (id.Length > 0 && known.Id.Length > 0 && known.Id != id)
            || (id.Length == 0 && name.Length > 0 && known.Name.Length > 0 && known.Arguments.Length > 0);
        if (isAnother)
        {
            known = new StreamedCall(index ?? _calls.Count);
            _calls.Add(known);
        }

        return known!; // set just now, or there
    }
}
