using System.Text;
using System.Text.Json.Nodes;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>A streamed answer as an OpenAI SDK puts it together: openai-python's <c>accumulate_delta</c>, which joins texts, whatever they are, and goes by index.</summary>
internal sealed class SdkAnswer
{
    private SdkAnswer()
    {
    }

    public HashSet<string> Ids { get; } = [];

    public List<JsonObject> Chunks { get; } = [];

    public List<string> Comments { get; } = [];

    /// <summary>What choice 0 says in the end.</summary>
    public JsonObject Message { get; } = [];

    public List<string> FinishReasons { get; } = [];

    public List<JsonNode?> Logprobs { get; } = [];

    /// <summary>The usage that was told last; <c>null</c>: none.</summary>
    public string? Usage { get; private set; }

    public string Content => (string?)Message["content"] ?? "";

    public IEnumerable<(string? Id, string? Name, string? Arguments)> Calls => (Message["tool_calls"] as JsonArray ?? [])
        .Select(static call => ((string?)call!["id"], (string?)call["function"]!["name"], (string?)call["function"]!["arguments"]));

    /// <summary>Reads a stream, and holds it to what SDKs rely on: <c>[DONE]</c> once and last, every index of a call in turn.</summary>
    public static SdkAnswer Read(string stream)
    {
        var answer = new SdkAnswer();
        var isDone = false;
        foreach (var data in answer.Events(stream))
        {
            Assert.False(isDone, "something stands behind [DONE]");
            isDone = data == "[DONE]";
            if (!isDone)
            {
                answer.Take((JsonObject)JsonNode.Parse(data)!);
            }
        }

        Assert.True(isDone, "no [DONE]");
        return answer;
    }

    private List<string> Events(string stream)
    {
        var (events, data) = (new List<string>(), new StringBuilder());
        foreach (var line in stream.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r'))
        {
            if (line.StartsWith(':'))
            {
                Comments.Add(line);
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(line["data:".Length..].TrimStart(' '));
            }
            else if (line.Length == 0 && data.Length > 0)
            {
                events.Add(data.ToString());
                data.Clear();
            }
        }

        Assert.Equal(0, data.Length); // an event without its end is lost
        return events;
    }

    private void Take(JsonObject chunk)
    {
        Chunks.Add(chunk);
        Ids.Add((string?)chunk["id"] ?? "");
        Usage = chunk["usage"]?.ToJsonString() ?? Usage;
        foreach (var choice in chunk["choices"]!.AsArray().Where(static choice => (int)choice!["index"]! == 0))
        {
            Assert.Empty(FinishReasons); // nothing of a choice comes behind its end
            Accumulate(Message, (JsonObject)choice!["delta"]!);
            FinishReasons.AddRange(choice["finish_reason"] is { } reason ? [(string)reason!] : []);
            Logprobs.AddRange(choice["logprobs"]?["content"]?.AsArray() ?? []);
        }
    }

    private static void Accumulate(JsonObject sum, JsonObject delta)
    {
        foreach (var (name, value) in delta)
        {
            if (name is "index" or "type")
            {
                sum[name] = value?.DeepClone();
            }
            else if (value is JsonArray calls && name == "tool_calls")
            {
                sum[name] ??= new JsonArray();
                Accumulate(sum[name]!.AsArray(), calls);
            }
            else if (value is JsonObject inner && sum[name] is JsonObject innerSum)
            {
                Accumulate(innerSum, inner);
            }
            else if (value is JsonValue text && sum[name] is JsonValue before)
            {
                sum[name] = (string?)before + (string?)text;
            }
            else
            {
                sum[name] = value?.DeepClone() ?? sum[name]?.DeepClone();
            }
        }
    }

    private static void Accumulate(JsonArray sum, JsonArray calls)
    {
        foreach (var call in calls)
        {
            var index = (int)call!["index"]!;
            Assert.InRange(index, 0, sum.Count); // the SDK appends at the end, whatever the number is
            if (index == sum.Count)
            {
                Assert.False(string.IsNullOrEmpty((string?)call["id"]), "a call begins with its id");
                sum.Add(call.DeepClone());
            }
            else
            {
                Accumulate((JsonObject)sum[index]!, (JsonObject)call);
            }
        }
    }
}
