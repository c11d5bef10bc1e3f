namespace RouterGateway.Router.Receipts;

/// <summary>Where receipts were read.</summary>
public enum ReceiptSource
{
    /// <summary>This process: its own requests.</summary>
    Memory,

    /// <summary>The shared stream: the requests of all gateways.</summary>
    Redis,
}
