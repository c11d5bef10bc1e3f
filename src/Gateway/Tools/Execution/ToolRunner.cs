using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>Runs tools: arguments checked, within a time-out, watched by a breaker, as a span each. What goes wrong is a result.</summary>
internal sealed partial class ToolRunner(
    ToolFunctionFactory functions, ToolHealth health, ToolMetrics metrics, RouteTableMonitor monitor, TimeProvider timeProvider, ILogger<ToolRunner> logger)
{
    private const int DeepestArguments = 64;

    /// <summary>Name of the source of <c>execute_tool</c> spans.</summary>
    public const string ActivitySourceName = "RouterGateway.Tools";

    private static readonly ActivitySource _activities = new(ActivitySourceName);

    /// <summary>Runs one call.</summary>
    /// <param name="call">The call; its tool runs here.</param>
    /// <param name="progress">Told how far it is; may be <c>null</c>.</param>
    /// <param name="cancellationToken">Ends it: the caller left. Throws then, and only then.</param>
    public async Task<ToolResult> RunAsync(ToolCall call, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var tool = call.Tool;
        using var activity = _activities.StartActivity($"execute_tool {tool.Name}", ActivityKind.Internal);
        activity?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", tool.Name).SetTag("gen_ai.tool.call.id", call.Id).SetTag("gen_ai.tool.type", tool.Definition.Target.Type);
        var started = timeProvider.GetTimestamp();
        var result = await RunWatchedAsync(call, progress, cancellationToken);
        var elapsed = timeProvider.GetElapsedTime(started);
        metrics.Called(tool, result, elapsed);
        if (result.IsError)
        {
            activity?.SetTag("error.type", "tool_error").SetStatus(ActivityStatusCode.Error);
        }

        LogRan(logger, tool.Name, tool.Version, result.IsError, result.Text.Length, elapsed.TotalMilliseconds);
        return result;
    }

    private async Task<ToolResult> RunWatchedAsync(ToolCall call, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var (arguments, fault) = ReadArguments(call);
        if (arguments is null)
        {
            return new ToolResult(fault!, IsError: true);
        }

        if (functions.Create(call.Tool) is not { } function)
        {
            return new ToolResult($"The tool \"{call.Tool.Name}\" is run by its caller, not by the gateway.", IsError: true);
        }

        var breaker = health.BreakerOf(call.Tool);
        if (!breaker.TryEnter())
        {
            return new ToolResult($"The tool \"{call.Tool.Name}\" failed several times in a row and is not called for a while. Go on without it.", IsError: true);
        }

        var result = await InvokeAsync(function, call.Tool, arguments, progress, cancellationToken);
        _ = result.IsToolFault ? breaker.Fail() : breaker.Succeed();
        return result;
    }

    private async Task<ToolResult> InvokeAsync(AIFunction function, RegisteredTool tool, AIFunctionArguments arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var timeout = TimeoutOf(tool);
        using var clock = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        if (progress is not null)
        {
            arguments.Context = new Dictionary<object, object?> { [typeof(IProgress<ToolProgress>)] = progress };
        }

        try
        {
            return (ToolResult)(await function.InvokeAsync(arguments, either.Token).AsTask().WaitAsync(either.Token))!; // a tool that heeds no token does not hold the request
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolResult.Broken($"The tool \"{tool.Name}\" did not answer within {timeout.TotalSeconds:0.###} s.");
        }
#pragma warning disable CA1031 // a tool must not take the request down, whatever it throws
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(logger, e, tool.Name);
            return ToolResult.Broken($"The tool \"{tool.Name}\" failed inside the gateway.");
        }
    }

    private TimeSpan TimeoutOf(RegisteredTool tool)
    {
        var tools = monitor.Current.Tools;
        return tool.Definition.Target is McpTarget mcp && tools.McpServers.FirstOrDefault(server => server.Id == mcp.Server) is { } server ? server.Timeout : tools.Timeout;
    }

    /// <summary>Checks the arguments of a call against the schema that the model was shown.</summary>
    private static (AIFunctionArguments? Arguments, string? Fault) ReadArguments(ToolCall call)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments, new JsonDocumentOptions { MaxDepth = DeepestArguments });
        }
        catch (JsonException e)
        {
            return (null, $"The arguments are not valid JSON: {Protocols.ChatRequestReader.Explain(e)}");
        }
        catch (ArgumentException) // a model may have written it without an escape
        {
            return (null, "The arguments hold half of a surrogate pair.");
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, "The arguments must be a JSON object.");
        }

        if (!HasReadableNames(json))
        {
            return (null, "The arguments have a name that holds half of a surrogate pair.");
        }

        var faults = call.Tool.Definition.Schema.Check(json);
        if (faults.Count > 0)
        {
            return (null, "The arguments do not follow the tool's schema: " + string.Join("; ", faults));
        }

        var arguments = new AIFunctionArguments(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            arguments[member.Name] = member.Value;
        }

        return (arguments, null);
    }

    private static bool HasReadableNames(JsonElement arguments)
    {
        try
        {
            return arguments.EnumerateObject().All(static member => member.Name is not null);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Debug, Message = "Ran tool {Tool} version {Version}: error {IsError}, {Characters} characters in {ElapsedMs:F0} ms")]
    private static partial void LogRan(ILogger logger, string tool, int version, bool isError, int characters, double elapsedMs);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "The tool {Tool} threw")]
    private static partial void LogFailed(ILogger logger, Exception exception, string tool);
}
