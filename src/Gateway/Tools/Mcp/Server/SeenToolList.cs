namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>What a client was last told of its list of tools, over all of its streams.</summary>
/// <param name="signature"><see cref="OfferedTools.Signature"/> of that list.</param>
internal sealed class SeenToolList(string signature)
{
    private string _signature = signature;

    /// <summary>Takes note of the list as it is now.</summary>
    /// <returns>True for the one who has to tell the client, because it knows another.</returns>
    public bool TryChange(string signature) => Interlocked.Exchange(ref _signature, signature) != signature;

    /// <summary>The client could not be told after all: the next stream tells it.</summary>
    public void Forget() => Interlocked.Exchange(ref _signature, "");
}
