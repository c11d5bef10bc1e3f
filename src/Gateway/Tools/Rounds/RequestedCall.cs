namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>A call as a model asked for it.</summary>
/// <param name="Id">Its id; made up here when the backend gave none.</param>
/// <param name="Name">Name of the tool.</param>
/// <param name="Arguments">JSON as far as the model wrote it.</param>
/// <param name="IsForCaller">The caller runs it, not the gateway.</param>
internal sealed record RequestedCall(string Id, string Name, string Arguments, bool IsForCaller)
{
    /// <summary>An id for a call that has none. No other request has it: loops are remembered by the ids of calls (<see cref="PausedLoops"/>).</summary>
    public static string NewId() => $"call_{Guid.NewGuid():N}";
}
