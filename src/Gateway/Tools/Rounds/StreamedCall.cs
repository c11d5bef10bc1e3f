using System.Text;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>A call that is still being written.</summary>
/// <param name="index">The backend's number of it in this round.</param>
internal sealed class StreamedCall(int index)
{
    /// <summary>The backend's number of it in this round.</summary>
    public int Index { get; } = index;

    /// <summary>The backend's id; <c>null</c>: not told yet.</summary>
    public string? GivenId { get; set; }

    /// <summary>Its id, once its name is known: the caller may have seen it then.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Name of the tool; empty: not told yet.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The number that the caller sees; <c>null</c>: the caller does not see it.</summary>
    public int? CallerIndex { get; private set; }

    public StringBuilder Arguments { get; } = new();

    public void Begin(string name, int? callerIndex) => (Name, CallerIndex, Id) = (name, callerIndex, GivenId ?? RequestedCall.NewId());

    public RequestedCall ToRequested() => new(Id.Length > 0 ? Id : GivenId ?? RequestedCall.NewId(), Name, Arguments.ToString(), CallerIndex is not null);
}
