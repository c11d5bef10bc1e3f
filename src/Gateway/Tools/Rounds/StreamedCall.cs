using System.Text;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>A call that is still being written.</summary>
/// <param name="Index">The backend's number of it in this round.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name of the tool.</param>
/// <param name="CallerIndex">The number that the caller sees; <c>null</c>: the caller does not see it.</param>
internal sealed record StreamedCall(int Index, string Id, string Name, int? CallerIndex)
{
    public StringBuilder Arguments { get; } = new();

    public RequestedCall ToRequested() => new(Id, Name, Arguments.ToString(), CallerIndex is not null);
}
