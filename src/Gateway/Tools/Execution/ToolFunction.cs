using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>A registered tool as the function that frameworks built on Microsoft.Extensions.AI know.</summary>
internal abstract class ToolFunction(RegisteredTool tool) : AIFunction
{
    public override string Name => Tool.Name;

    public override string Description => Tool.Definition.Description;

    public override JsonElement JsonSchema => Tool.Definition.Parameters;

    protected RegisteredTool Tool { get; } = tool;

    /// <summary>Runs the tool. Expected failures are results; throws nothing but <see cref="OperationCanceledException"/> and bugs.</summary>
    /// <param name="arguments">By name, not null-checked, checked against the schema by the caller.</param>
    /// <param name="progress">Told how far the tool is; <c>null</c>: nobody asks.</param>
    /// <param name="cancellationToken">Ends the call: the time-out, the deadline, or a client that left.</param>
    protected abstract Task<ToolResult> CallAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken);

    protected sealed override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await CallAsync(
            arguments.Where(static argument => argument.Value is JsonElement).ToDictionary(static argument => argument.Key, static argument => (JsonElement)argument.Value!, StringComparer.Ordinal),
            arguments.Context?.TryGetValue(typeof(IProgress<ToolProgress>), out var progress) == true ? (IProgress<ToolProgress>?)progress : null,
            cancellationToken);
}
