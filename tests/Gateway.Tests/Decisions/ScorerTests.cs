using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Decisions;

/// <summary>A shipped decoder as the scorer of a whole gateway.</summary>
public sealed class ScorerTests
{
    [Fact]
    public async Task Route_WithAScorerOnly_IsScored()
    {
        await using var gateway = await GatewayProcess.StartAsync(static routes => routes
            .Replace("\"classifier\": \"models/router-nano\"", "\"classifier\": null, \"scorer\": \"models/sample-reasoning\", \"scorerDebias\": true", StringComparison.Ordinal)
            .Replace("\"minConfidence\": 0.5", "\"minConfidence\": 0", StringComparison.Ordinal)
            .Replace("\"minMargin\": 0.1", "\"minMargin\": 0", StringComparison.Ordinal)
            .Replace("\"250ms\"", "\"60s\"", StringComparison.Ordinal));

        using var response = await gateway.Client.PostAsync("/v1/route", new StringContent("""{"input":"Write a loop"}""", Encoding.UTF8, "application/json"));
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        using var ready = JsonDocument.Parse(await gateway.Client.GetStringAsync("/readyz"));

        var decision = document.RootElement;
        Assert.Equal("scored", decision.GetProperty("outcome").GetString());
        Assert.Equal("scored", response.Header("x-router-outcome"));
        Assert.Equal(1, decision.GetProperty("scores").EnumerateObject().Sum(static score => score.Value.GetDouble()), 0.01);
        Assert.True(decision.GetProperty("timings_ms").GetProperty("score").GetDouble() > 0);
        Assert.Equal(0, decision.GetProperty("timings_ms").GetProperty("embed").GetDouble());
        Assert.Contains("score;dur=", response.Header("server-timing"), StringComparison.Ordinal);
        Assert.Equal("cpu", ready.RootElement.GetProperty("router").GetProperty("scorerDevice").GetString());
        Assert.Contains(gateway.Log, static line => line.Contains("shared prefixes of", StringComparison.Ordinal));
    }
}
