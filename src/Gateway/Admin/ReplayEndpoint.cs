using System.Text.Json;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Admin;

/// <summary>POST /admin/decisions/replay: what a routes file that does not run yet would change of what was decided.</summary>
internal sealed partial class ReplayEndpoint
{
    private const int DefaultLimit = 1000;
    private const int MostLimit = 10_000;
    private const int DefaultChanges = 100;
    private const int MostChanges = 1000;

    public static async Task ReplayAsync(
        HttpContext context, CandidateReplay replay, RouteTableMonitor monitor, IOptions<GatewayOptions> options, TimeProvider timeProvider, ILogger<ReplayEndpoint> logger)
    {
        var query = new AdminQuery(context.Request.Query, timeProvider.GetUtcNow());
        var filter = query.ReadFilter(DefaultLimit, MostLimit, "changes");
        var mostChanges = query.ReadInteger("changes", DefaultChanges, 0, MostChanges);
        var failure = query.Failure ?? (monitor.Current.Decisions.KeepText
            ? null
            : new GatewayFailure(GatewayError.TextNotKept, "Requests can be decided again only when their text was kept. Set decisions.keepText to true in routes.json; requests from then on can be."));
        ReplayResult? result = null;
        if (failure is null)
        {
            (result, failure) = await RunAsync(context, replay, filter, mostChanges, options.Value);
        }

        failure ??= FailureOf(result!, filter, monitor.Current);
        if (failure is not null)
        {
            await ErrorWriter.WriteAsync(context, failure);
            return;
        }

        LogReplayed(logger, result!.Replayed, result.Version, result.Changed);
        await JsonAnswer.WriteAsync(context, json => Write(json, result));
    }

    private static async Task<(ReplayResult? Result, GatewayFailure? Failure)> RunAsync(HttpContext context, CandidateReplay replay, ReceiptFilter filter, int mostChanges, GatewayOptions options)
    {
        var (body, failure) = await RequestBody.ReadAsync(context.Request, options.MaxRequestBytes, context.RequestAborted);
        using (body)
        {
            return body is null ? (null, failure) : (await replay.RunAsync(body.Bytes.ToArray(), filter, mostChanges, context.RequestAborted), null);
        }
    }

    private static GatewayFailure? FailureOf(ReplayResult result, ReceiptFilter filter, RouteTable table) => result.Faults.IsEmpty
        ? ReceiptEndpoints.FailureOf(filter, result.Replayed + result.Pinned + result.InSession + result.Undecided + result.WithoutText > 0, table)
        : new GatewayFailure(
            GatewayError.InvalidRoutesFile,
            $"The candidate has {(result.Faults.Length == 1 ? "a fault" : $"{result.Faults.Length} faults")}:\n{string.Join('\n', result.Faults)}");

    private static void Write(Utf8JsonWriter json, ReplayResult result)
    {
        json.WriteStartObject("candidate"u8);
        json.WriteString("version"u8, result.Version);
        json.WriteString("routingHash"u8, result.RoutingHash);
        json.WriteEndObject();
        ReceiptEndpoints.WriteSource(json, result.Source);
        json.WriteNumber("replayed"u8, result.Replayed);
        json.WriteNumber("changed"u8, result.Changed);
        json.WriteStartObject("skipped"u8);
        json.WriteNumber("pinned"u8, result.Pinned);
        json.WriteNumber("session"u8, result.InSession);
        json.WriteNumber("undecided"u8, result.Undecided);
        json.WriteNumber("withoutText"u8, result.WithoutText);
        json.WriteEndObject();
        json.WriteStartArray("moves"u8);
        foreach (var move in result.Moves)
        {
            json.WriteStartObject();
            json.WriteString("from"u8, move.From);
            json.WriteString("to"u8, move.To);
            json.WriteNumber("count"u8, move.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("changes"u8);
        foreach (var change in result.Changes)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, change.Id);
            json.WriteString("time"u8, change.Time);
            Write(json, "from"u8, change.From);
            Write(json, "to"u8, change.To);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReplayedDecision decision)
    {
        json.WriteStartObject(name);
        json.WriteString("route"u8, decision.RouteId);
        json.WriteString("outcome"u8, decision.Outcome);
        json.WriteNumber("confidence"u8, Math.Round(decision.Confidence, 4));
        json.WriteEndObject();
    }

    [LoggerMessage(EventId = 1212, Level = LogLevel.Information, Message = "Decided {Replayed} recorded requests again by a candidate, version {Version}: {Changed} would take another route")]
    private static partial void LogReplayed(ILogger logger, int replayed, string version, int changed);
}
