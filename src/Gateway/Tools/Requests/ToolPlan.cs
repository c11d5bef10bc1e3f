using System.Collections.Immutable;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>What tools a request is given, and who runs them.</summary>
/// <param name="Offered">The registered tools put behind the caller's own, in the order of their names, so that equal choices give equal prompts.</param>
/// <param name="OwnNames">Names of the tools that the caller brought.</param>
/// <param name="Execute">The gateway runs those of <paramref name="Offered"/> that it can.</param>
/// <param name="MaxRounds">Most times that a model is asked.</param>
/// <param name="ChoosesOne">The caller demands a call, which only the first round can mean.</param>
internal sealed record ToolPlan(ImmutableArray<RegisteredTool> Offered, IReadOnlySet<string> OwnNames, bool Execute, int MaxRounds, bool ChoosesOne)
{
    /// <summary>Nothing is offered: only the fields that are ours have to go.</summary>
    public static ToolPlan Nothing { get; } = new([], new HashSet<string>(), false, 0, false);

    public RegisteredTool? Find(string name) => Offered.FirstOrDefault(tool => tool.Name == name);

    /// <summary>True for a tool that the caller runs: one of its own, or one that was registered to be run so. A name that nobody knows is not
    /// the caller's either: the model is told.</summary>
    public bool IsForCaller(string name) => !Execute || OwnNames.Contains(name) || Find(name) is { RunsHere: false };
}
