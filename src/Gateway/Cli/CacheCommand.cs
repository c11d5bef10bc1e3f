using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Shows and flushes what a running gateway remembers of decisions.</summary>
internal static class CacheCommand
{
    public static Command Create() => new("cache", "What a running gateway remembers of decisions.") { CreateStats(), CreateFlush() };

    private static Command CreateStats()
    {
        var url = UrlOption();
        var json = new Option<bool>("--json") { Description = "Write the figures as JSON." };
        var command = new Command("stats", "Show how much is remembered and how often that helped.") { url, json };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetValue(url)!,
            HttpMethod.Get,
            "/admin/cache",
            body: null,
            answer => arguments.GetValue(json) ? Terminal.WriteJsonAsync(answer.WriteTo) : ShowAsync(answer),
            cancellationToken));
        return command;
    }

    private static Command CreateFlush()
    {
        var url = UrlOption();
        var route = new Option<string?>("--route") { Description = "Only what took this route." };
        var command = new Command("flush", "Forget decisions and conversations, in memory and in Redis.") { route, url };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetValue(url)!,
            HttpMethod.Post,
            "/admin/cache/flush",
            arguments.GetValue(route) is { } id ? $"{{\"route\":\"{JavaScriptEncoder.Default.Encode(id)}\"}}" : "{}",
            static answer => Console.Out.WriteLineAsync($"Flushed: {Count(answer, "memory")} in the gateway's memory, {Count(answer, "redis")} in Redis"),
            cancellationToken));
        return command;
    }

    private static Option<string> UrlOption() => new("--url")
    {
        Description = "Address of the running gateway.",
        DefaultValueFactory = static _ => new GatewayOptions().Urls,
    };

    private static async Task<int> RunAsync(string url, HttpMethod method, string path, string? body, Func<JsonElement, Task> showAsync, CancellationToken cancellationToken)
    {
        using var client = await AdminClient.CreateAsync(url);
        if (client is null)
        {
            return ExitCodes.BadInput;
        }

        using var answer = await client.SendAsync(method, path, body, cancellationToken);
        if (answer is null)
        {
            return ExitCodes.Failure;
        }

        await showAsync(answer.RootElement);
        return ExitCodes.Success;
    }

    private static Task ShowAsync(JsonElement statistics)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("decisions", $"{Count(statistics, "decisions")} of {Count(statistics, "capacity")}");
        table.AddRow("conversations", $"{Count(statistics, "sessions")} of {Count(statistics, "capacity")}");
        table.AddRow("hits", $"memory {Count(statistics, "hits", "memory")}, Redis {Count(statistics, "hits", "redis")}, similar {Count(statistics, "hits", "similar")}{HitRate(statistics)}");
        table.AddRow("misses", Count(statistics, "misses"));
        table.AddRow("joined", $"{Count(statistics, "joined")} (waited for an equal one)");
        table.AddRow("evictions", Count(statistics, "evictions"));
        table.AddRow("receipts", $"{Count(statistics, "receipts", "kept")} of {Count(statistics, "receipts", "capacity")}");
        table.AddRow(new Text("Redis"), new Text(Redis(statistics)));
        Terminal.Output.Write(table);
        return Task.CompletedTask;
    }

    private static string Redis(JsonElement statistics)
    {
        if (!statistics.TryGetProperty("redis"u8, out var redis) || redis.ValueKind != JsonValueKind.Object)
        {
            return "none";
        }

        var text = new StringBuilder();
        text.Append(redis.TryGetProperty("isWell"u8, out var well) && well.ValueKind == JsonValueKind.True ? "well" : "not well");
        text.Append(CultureInfo.InvariantCulture, $", {redis.GetProperty("endpoints"u8).GetString()}; errors {Count(redis, "errors")}, timeouts {Count(redis, "timeouts")}, ");
        text.Append(CultureInfo.InvariantCulture, $"dropped writes {Count(redis, "droppedWrites")}, waiting writes {Count(redis, "waitingWrites")}");
        return redis.TryGetProperty("lastError"u8, out var error) && error.ValueKind == JsonValueKind.String ? text.Append(CultureInfo.InvariantCulture, $"\nlast error, {Count(redis, "lastErrorSecondsAgo")} s ago: {error.GetString()}").ToString() : text.ToString();
    }

    private static string HitRate(JsonElement statistics)
    {
        var hits = Number(statistics, "hits", "memory") + Number(statistics, "hits", "redis") + Number(statistics, "hits", "similar") + Number(statistics, "joined");
        var all = hits + Number(statistics, "misses");
        return all == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; with those that joined {100.0 * hits / all:0.0} %");
    }

    private static string Count(JsonElement parent, params ReadOnlySpan<string> path) => Number(parent, path).ToString("N0", CultureInfo.InvariantCulture);

    // 0 for what a gateway of another version does not tell
    private static long Number(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
        }

        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : 0;
    }
}
