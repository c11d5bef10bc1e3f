using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

public sealed class McpServersCallTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task CallAsync_Progress_ArrivesInOrder()
    {
        await using var server = await TestMcpServer.StartAsync("plain");
        server.Tools["slow"] = async (request, cancellationToken) =>
        {
            for (var i = 1; i <= 3; i++)
            {
                await request.Server.NotifyProgressAsync(request.Params!.ProgressToken!.Value, new ProgressNotificationValue { Progress = i, Total = 3, Message = $"step {i}" }, cancellationToken: cancellationToken);
            }

            return new CallToolResult { Content = [new TextContentBlock { Text = "done" }] };
        };
        await using var gateway = await McpGateway.StartAsync(server.Entry("s"));
        await gateway.NamesAsync("s__plain", "s__slow");
        var progress = new ProgressLog();

        var result = await gateway.CallAsync("s", "slow", progress: progress);

        Assert.Equal(("done", false), (result.Text, result.IsError));
        Assert.Equal([new ToolProgress(1, 3, "step 1"), new ToolProgress(2, 3, "step 2"), new ToolProgress(3, 3, "step 3")], progress.Seen);
    }

    [Fact]
    public async Task CallAsync_Cancelled_ServerIsTold()
    {
        var started = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        await using var server = await TestMcpServer.StartAsync("plain");
        server.Tools["hang"] = async (_, cancellationToken) =>
        {
            started.SetResult();
            using var registration = cancellationToken.Register(told.SetResult);
            await told.Task;
            return new CallToolResult();
        };
        await using var gateway = await McpGateway.StartAsync(server.Entry("s"));
        await gateway.NamesAsync("s__hang", "s__plain");
        using var leaves = new CancellationTokenSource();

        var call = gateway.CallAsync("s", "hang", cancellationToken: leaves.Token);
        await started.Task.WaitAsync(_patience);
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await told.Task.WaitAsync(_patience);
        Assert.Equal("plain called", (await gateway.CallAsync("s", "plain")).Text);
    }

    [Fact]
    public async Task CallAsync_Hanging_IsBrokenAfterTheTimeout()
    {
        await using var server = await TestMcpServer.StartAsync("plain");
        server.Tools["hang"] = async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new CallToolResult();
        };
        await using var gateway = await McpGateway.StartAsync(server.Entry("s").Replace("5s", "1s", StringComparison.Ordinal));
        await gateway.NamesAsync("s__hang", "s__plain");

        var hanging = gateway.CallAsync("s", "hang");
        var plain = await gateway.CallAsync("s", "plain");
        var result = await hanging;

        Assert.Equal("plain called", plain.Text);
        Assert.Equal(("The MCP server \"s\" did not answer within 1 s.", true, true), (result.Text, result.IsError, result.IsToolFault));
    }

    [Fact]
    public async Task CallAsync_Errors_AreOfTwoKinds()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Tools["fails"] = static (_, _) => Task.FromResult(new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no such city" }] });
        server.Tools["refuses"] = static (_, _) => throw new McpProtocolException("city is missing", McpErrorCode.InvalidParams);
        server.Tools["breaks"] = static (_, _) => throw new McpProtocolException("out of order", McpErrorCode.InternalError);
        await using var gateway = await McpGateway.StartAsync(server.Entry("s"));
        await gateway.NamesAsync("s__breaks", "s__fails", "s__refuses");

        var fails = await gateway.CallAsync("s", "fails");
        var refuses = await gateway.CallAsync("s", "refuses");
        var unknown = await gateway.CallAsync("s", "unknown");
        var breaks = await gateway.CallAsync("s", "breaks");

        Assert.Equal(("no such city", true, false), (fails.Text, fails.IsError, fails.IsToolFault));
        Assert.Equal((true, false), (refuses.IsError, refuses.IsToolFault));
        Assert.Contains("city is missing", refuses.Text, StringComparison.Ordinal);
        Assert.Equal((true, false), (unknown.IsError, unknown.IsToolFault));
        Assert.Equal((true, true), (breaks.IsError, breaks.IsToolFault));
        Assert.Contains("out of order", breaks.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallAsync_OversizeResult_IsCut()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("long", new string('ä', 5000));
        await using var gateway = await McpGateway.StartAsync(server.Entry("s"), """ "maxResultBytes": 4097, """);
        await gateway.NamesAsync("s__long");

        var result = await gateway.CallAsync("s", "long");

        Assert.Equal(new string('ä', 2048), result.Text);
    }

    [Fact]
    public async Task CallAsync_ServerDiesMeanwhile_IsBroken()
    {
        var started = new TaskCompletionSource();
        await using var server = await TestMcpServer.StartAsync();
        server.Tools["hang"] = async (_, cancellationToken) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new CallToolResult();
        };
        await using var gateway = await McpGateway.StartAsync(server.Entry("s").Replace("5s", "20s", StringComparison.Ordinal));
        await gateway.NamesAsync("s__hang");

        var call = gateway.CallAsync("s", "hang");
        await started.Task.WaitAsync(_patience);
        await server.KillAsync();
        var result = await call.WaitAsync(_patience);

        Assert.Equal((true, true), (result.IsError, result.IsToolFault));
        await gateway.NamesAsync();
    }
}
