using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>What the protocol's server asks of the gateway for one owner: the list of tools, calls of them, and changes of the list.</summary>
internal sealed partial class ToolServer(
    string owner, SeenToolList seen, OfferedTools tools, ToolRunner runner, ToolListChanges changes, ToolServerMetrics metrics,
    TimeProvider timeProvider, ILogger logger, CancellationToken stopping)
{
    private const int PageSize = 100;

    private static readonly TimeSpan _longWait = TimeSpan.FromHours(1);

    public ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellationToken) =>
        WatchAsync(request.JsonRpcRequest, async () =>
        {
            await Task.CompletedTask;
            var after = request.Params?.Cursor is { } cursor ? ReadCursor(cursor) : null;
            if (after is null)
            {
                seen.TryChange(tools.Signature(owner)); // before the list is read: a change in between is told
            }

            var page = tools.For(owner).Where(tool => string.CompareOrdinal(tool.Name, after) > 0).Take(PageSize + 1).ToArray();
            var result = new ListToolsResult
            {
                Tools = [.. page.Take(PageSize).Select(Describe)],
                NextCursor = page.Length > PageSize ? WriteCursor(page[PageSize - 1].Name) : null,
                CacheScope = CacheScope.Private, // what one key sees is not for others
                TimeToLive = TimeSpan.Zero,
            };
            return (result, "ok");
        });

    public ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken) =>
        WatchAsync(request.JsonRpcRequest, async () =>
        {
            if (request.Params?.Name is not { } name || tools.Find(owner, name) is not { } tool)
            {
                throw new McpProtocolException($"Unknown tool: {Printable(request.Params?.Name)}", McpErrorCode.InvalidParams);
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, RequestTie.AbortedOf(request.JsonRpcRequest));
            ToolResult result;
            await using (var progress = request.Params.ProgressToken is { } token ? new CallProgress(request.Server, token, either.Token) : null)
            {
                result = await runner.RunAsync(new ToolCall(request.JsonRpcRequest.Id.ToString(), tool, Write(request.Params.Arguments)), progress, either.Token);
            }

            return (new CallToolResult { Content = result.Blocks is { } blocks ? [.. blocks] : [new TextContentBlock { Text = result.Text }], IsError = result.IsError }, result.IsError ? "tool_error" : "ok");
        });

    /// <summary>Holds a stream open on which changes of the list are told (2026-07-28, subscriptions/listen).</summary>
    public async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, RequestTie.AbortedOf(request.JsonRpcRequest), stopping);
        var wantsTools = request.Params?.Notifications?.ToolsListChanged == true;
        using var listener = changes.Listen(owner, seen);
        try
        {
            await SendAsync(NotificationMethods.SubscriptionsAcknowledgedNotification, new JsonObject { ["notifications"] = wantsTools ? new JsonObject { ["toolsListChanged"] = true } : [] });
            while (true)
            {
                if (await listener.WaitAsync(_longWait, timeProvider, ends.Token) && wantsTools)
                {
                    await SendAsync(NotificationMethods.ToolListChangedNotification, []);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return new EmptyResult(); // a deliberate end: the client asks another gateway
        }

        Task SendAsync(string method, JsonObject parameters)
        {
            JsonNode id = request.JsonRpcRequest.Id.Id is long number ? number : request.JsonRpcRequest.Id.ToString();
            parameters["_meta"] = new JsonObject { [MetaKeys.SubscriptionId] = id };
            return request.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, ends.Token);
        }
    }

    /// <summary>Counts a request, and keeps the messages of bugs from clients.</summary>
    private async ValueTask<T> WatchAsync<T>(JsonRpcRequest request, Func<Task<(T Result, string Outcome)>> answerAsync)
    {
        var started = timeProvider.GetTimestamp();
        var outcome = "failed";
        try
        {
            (var result, outcome) = await answerAsync();
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            RequestTie.GiveUp(request);
            throw;
        }
        catch (McpProtocolException)
        {
            outcome = "refused";
            throw;
        }
#pragma warning disable CA1031 // the edge of the request: the library would log it below what is shown
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(logger, e, request.Method);
            throw new McpProtocolException("The gateway failed on this request; its log says why.", McpErrorCode.InternalError);
        }
        finally
        {
            metrics.Answered(request.Method, outcome, timeProvider.GetElapsedTime(started));
        }
    }

    private static Tool Describe(RegisteredTool tool) => new() { Name = tool.Name, Description = tool.Definition.Description, InputSchema = SchemaOf(tool.Definition.Parameters) };

    /// <summary>The protocol demands "type":"object", which a definition may leave out.</summary>
    private static JsonElement SchemaOf(JsonElement parameters)
    {
        if (parameters.TryGetProperty("type"u8, out _))
        {
            return parameters;
        }

        var schema = JsonObject.Create(parameters)!; // an object, as ToolDefinitionReader checks
        schema.Insert(0, "type", "object");
        return JsonElement.Parse(schema.ToJsonString());
    }

    private static string WriteCursor(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    /// <summary>A cursor is the last name of a page: what follows it is well defined whatever came and went meanwhile.</summary>
    private static string ReadCursor(string cursor) =>
        Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) is var name && Router.Tools.ToolDefinition.IsName(name)
            ? name
            : throw new McpProtocolException("The cursor is none of this server's.", McpErrorCode.InvalidParams);

    private static string Write(IDictionary<string, JsonElement>? arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Printable(string? name) => name is null ? "" : string.Concat(name.Take(Router.Tools.ToolDefinition.LongestName).Where(static character => !char.IsControl(character) && !char.IsSurrogate(character)));

    [LoggerMessage(EventId = 1340, Level = LogLevel.Error, Message = "The gateway failed on {Method} of an MCP client")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method);
}
