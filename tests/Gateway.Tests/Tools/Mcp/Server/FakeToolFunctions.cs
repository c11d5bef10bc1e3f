using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>Functions that each test writes, in place of HTTP endpoints and MCP servers.</summary>
internal sealed class FakeToolFunctions() : ToolFunctionFactory(null!, null!) // what it would call is never called
{
    private readonly ConcurrentDictionary<string, RunAsync> _functions = new(StringComparer.Ordinal);

    public delegate Task<ToolResult> RunAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken);

    public void Add(string name, RunAsync run) => _functions[name] = run;

    public override AIFunction? Create(RegisteredTool tool) => tool.Definition.Target is ClientTarget ? null : new Function(tool, _functions.GetValueOrDefault(tool.Definition.Name) ?? Echo);

    private static Task<ToolResult> Echo(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        Task.FromResult(new ToolResult(string.Join(",", arguments.Select(static argument => $"{argument.Key}={argument.Value}"))));

    private sealed class Function(RegisteredTool tool, RunAsync run) : ToolFunction(tool)
    {
        protected override Task<ToolResult> CallAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
            run(arguments, progress, cancellationToken);
    }
}
