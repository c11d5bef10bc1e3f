using ModelContextProtocol.Protocol;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>What a message and the HTTP request that brought it tell each other: the client left; the call was cancelled, and no answer will come.</summary>
internal sealed class RequestTie : IDisposable
{
    private const string Item = "RouterGateway.RequestTie";

    private readonly CancellationTokenSource _ends;

    public RequestTie(CancellationToken aborted)
    {
        _ends = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        (Aborted, Ends) = (aborted, _ends.Token);
    }

    /// <summary>The client left.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>The same, or there is nothing to wait for any more.</summary>
    public CancellationToken Ends { get; }

    /// <summary>A cancelled request is not answered (2025-11-25, Cancellation); the library would leave its stream open.</summary>
    public static void GiveUp(JsonRpcRequest request) => Of(request)?._ends.Cancel();

    /// <summary>The client left: it could not be answered any more, for streams are not resumed here. So its call ends, as in the newest revision, which demands it.</summary>
    public static CancellationToken AbortedOf(JsonRpcRequest request) => Of(request)?.Aborted ?? CancellationToken.None;

    public JsonRpcMessageContext Bind(JsonRpcMessage message) => message.Context = new JsonRpcMessageContext { Items = new Dictionary<string, object?> { [Item] = this } };

    public void Dispose() => _ends.Dispose();

    private static RequestTie? Of(JsonRpcRequest request) => request.Context?.Items?.TryGetValue(Item, out var item) == true ? item as RequestTie : null;
}
