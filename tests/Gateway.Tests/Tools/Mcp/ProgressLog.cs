using System.Collections.Concurrent;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>Keeps what was told of a tool's progress.</summary>
internal sealed class ProgressLog : IProgress<ToolProgress>
{
    public ConcurrentQueue<ToolProgress> Seen { get; } = new();

    public void Report(ToolProgress value) => Seen.Enqueue(value);
}
