using ModelContextProtocol.Client;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>What carries the messages of one connection: an HTTP client or a child process.</summary>
internal interface IMcpCarrier : IAsyncDisposable
{
    IClientTransport Transport { get; }

    /// <summary>True when a loss of the server may go unseen until it is asked something.</summary>
    bool NeedsChecks { get; }

    /// <summary>Ends what the client reads from, so that the client can be disposed without waiting.</summary>
    Task CloseAsync();

    /// <summary>Why the connection ended, as far as the carrier knows; <c>null</c>: it does not.</summary>
    Task<string?> ExplainEndAsync();
}
