using System.Diagnostics;
using System.Net;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>What a chat request came back with, and after how long.</summary>
internal sealed record TimedAnswer(HttpStatusCode Status, string? Route, string? Outcome, double Ms)
{
    public static async Task<TimedAnswer> AskAsync(GatewayHost gateway, string text)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await gateway.PostAsync(GatewayHost.Chat(text));
        return new TimedAnswer(response.StatusCode, response.Header("x-router-route"), response.Header("x-router-outcome"), Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public static string Figures(IReadOnlyCollection<TimedAnswer> answers)
    {
        var times = answers.Select(static answer => answer.Ms).Order().ToArray();
        return $"p50 {times[times.Length / 2]:F1} ms, p99 {times[times.Length * 99 / 100]:F1} ms of {times.Length}";
    }
}
