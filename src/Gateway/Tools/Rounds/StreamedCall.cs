using System.Text;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>A call that is still being written.</summary>
/// <param name="index">The backend's number of it in this round; not always its own.</param>
internal sealed class StreamedCall(int index)
{
    public int Index { get; } = index;

    /// <summary>As the backend calls it; empty until it does.</summary>
    public string Id { get; set; } = "";

    /// <summary>Name of the tool; empty until it is told.</summary>
    public string Name { get; set; } = "";

    public StringBuilder Arguments { get; } = new();

    /// <summary>Whose it is was decided, which takes its name.</summary>
    public bool IsKnown { get; set; }

    /// <summary>The number that the caller sees; <c>null</c>: the caller does not see it.</summary>
    public int? CallerIndex { get; set; }

    public RequestedCall ToRequested() => new(Id, Name, Arguments.ToString(), CallerIndex is not null);
}
