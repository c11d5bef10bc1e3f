using System.Text.Json.Nodes;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Adds up the <c>usage</c> of several answers, number by number, nested details as well.</summary>
internal sealed class UsageSum
{
    private const decimal MostAdded = 1e15m; // so that no sum overflows

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
            else if (value is JsonValue number && number.TryGetValue<long>(out var more))
            {
                sum[name] = more + (sum[name] is JsonValue before && before.TryGetValue<long>(out var already) ? already : 0);
            }
            else if (value is JsonValue fraction && fraction.TryGetValue<decimal>(out var moreOf) && Math.Abs(moreOf) < MostAdded) // a price
            {
                sum[name] = moreOf + (sum[name] is JsonValue before && before.TryGetValue<decimal>(out var already) ? already : 0);
            }
            else if (value is not null && sum[name] is null)
            {
                sum[name] = value.DeepClone();
            }
        }
    }
}
