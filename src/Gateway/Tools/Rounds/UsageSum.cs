using System.Text.Json.Nodes;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Adds up the <c>usage</c> of several answers, number by number, nested details as well.</summary>
internal sealed class UsageSum
{
    private JsonObject? _sum;

    /// <summary>True when some backend told its usage.</summary>
    public bool IsKnown => _sum is not null;

    public void Add(JsonObject usage)
    {
        if (_sum is null)
        {
            _sum = (JsonObject)usage.DeepClone();
            return;
        }

        Add(_sum, usage);
    }

    /// <summary>A copy, to be put into an answer.</summary>
    public JsonObject ToJson() => (JsonObject)_sum!.DeepClone();

    private static void Add(JsonObject sum, JsonObject usage)
    {
        foreach (var (name, value) in usage)
        {
            if (value is JsonObject inner && sum[name] is JsonObject innerSum)
            {
                Add(innerSum, inner);
            }
            else if (value is JsonValue more)
            {
                sum[name] = Add(sum[name] as JsonValue, more);
            }
            else if (value is not null && sum[name] is null)
            {
                sum[name] = value.DeepClone();
            }
        }
    }

    private static JsonNode? Add(JsonValue? before, JsonValue more)
    {
        if (more.TryGetValue<long>(out var whole) && (before is null || before.TryGetValue<long>(out _)))
        {
            return whole + (before?.GetValue<long>() ?? 0);
        }

        return more.TryGetValue<double>(out var number) && (before is null || before.TryGetValue<double>(out _))
            ? number + (before?.GetValue<double>() ?? 0) // costs, say
            : before?.DeepClone() ?? more.DeepClone();
    }
}
