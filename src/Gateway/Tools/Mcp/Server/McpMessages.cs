using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The messages of one body: one, or in old revisions an array of them.</summary>
internal sealed record McpMessages(IReadOnlyList<JsonRpcMessage> All, bool IsBatch)
{
    private const int MostInBatch = 100;

    private static readonly JsonTypeInfo<JsonRpcMessage> _type = (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));
    private static readonly JsonTypeInfo<InitializeRequestParams> _initializeType = (JsonTypeInfo<InitializeRequestParams>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(InitializeRequestParams));
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false }; // who reads which of two is how filters are got around

    /// <summary>Reads a body of at most <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<(McpMessages? Messages, McpFailure? Failure)> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var (body, failure) = await RequestBody.ReadAsync(request, maxBytes, cancellationToken);
        using (body)
        {
            return body is null ? (null, new McpFailure(failure!)) : Read(body.Bytes.Span);
        }
    }

    private static (McpMessages? Messages, McpFailure? Failure) Read(ReadOnlySpan<byte> body)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(body, _strict); // copies: messages outlive the body's buffer
        }
        catch (JsonException e)
        {
            return (null, McpFailure.Of(GatewayError.InvalidJson, $"The body is not JSON: {ChatRequestReader.Explain(e)}"));
        }

        if (json.ValueKind != JsonValueKind.Array)
        {
            return ReadMessage(json) is { } message ? (new McpMessages([message], IsBatch: false), null) : (null, NoMessage);
        }

        if (json.GetArrayLength() is 0 or > MostInBatch)
        {
            return (null, McpFailure.Invalid($"A batch has 1 to {MostInBatch} messages."));
        }

        var messages = json.EnumerateArray().Select(ReadMessage).OfType<JsonRpcMessage>().ToArray();
        return messages.Length == json.GetArrayLength() ? (new McpMessages(messages, IsBatch: true), null) : (null, NoMessage);
    }

    private static McpFailure NoMessage => McpFailure.Invalid("The body is no JSON-RPC message: a request, a notification or a response, with \"jsonrpc\":\"2.0\" and no id that is null.");

    /// <summary>The library's transport reads these parameters before any handler of errors is in place.</summary>
    public static McpFailure? RefuseInitialize(McpMessages messages)
    {
        if (messages.IsBatch || messages.All[0] is not JsonRpcRequest { Method: RequestMethods.Initialize } request)
        {
            return null;
        }

        try
        {
            return request.Params?.Deserialize(_initializeType) is not null ? null : Refusal(request, "they are missing");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Refusal(request, $"see {(e as JsonException)?.Path ?? "$"}");
        }

        static McpFailure Refusal(JsonRpcRequest request, string reason) =>
            McpFailure.Invalid($"The parameters of \"{RequestMethods.Initialize}\" are wrong: {reason}", McpErrorCode.InvalidParams) with { Id = request.Id };
    }

    private static JsonRpcMessage? ReadMessage(JsonElement json)
    {
        try
        {
            return json.Deserialize(_type);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException) // the latter two: half a surrogate pair, a number that is none
        {
            return null;
        }
    }
}
