using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tools.Mcp.Server;
using RouterGateway.Router.Tests;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

public sealed class ToolListChangesTests
{
    private const string List = """{"jsonrpc":"2.0","id":7,"method":"tools/list"}""";

    [Fact]
    public async Task Stream_OwnToolsChange_TellsOncePerBurst()
    {
        var clock = new ManualTimeProvider();
        await using var host = await ToolServerHost.StartAsync(timeProvider: clock);
        var session = await host.InitializeAsync("alice");
        using var response = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, "alice", session), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = new EventReader(response);

        host.Register("bob", ToolServerHost.Definition("of_bob"));
        clock.Advance(ToolListChanges.Debounce); // another's private tool: nothing to tell
        for (var i = 0; i < 20; i++)
        {
            host.Register("alice", ToolServerHost.Definition($"tool_{i}"));
        }

        clock.Advance(ToolListChanges.Debounce);
        var first = await stream.NextAsync();
        host.Register("alice", ToolServerHost.Definition("tool_1")); // as it was
        clock.Advance(ToolListChanges.Debounce);
        await host.EditRoutesAsync(static routes => routes.Replace("\"tools\": {", "\"tools\": { \"deny\": [\"tool_1*\"]", StringComparison.Ordinal));
        await AdvanceUntilAsync(clock, () => host.Gateway.Services.GetRequiredService<OfferedTools>().For(ToolServerHost.OwnerOf("alice")).Count == 9);
        var second = await stream.NextAsync();

        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""", first.GetRawText());
        Assert.Equal(first.GetRawText(), second.GetRawText());
        clock.Advance(TimeSpan.FromSeconds(15));
        host.Register("alice", ToolServerHost.Definition("late"));
        clock.Advance(ToolListChanges.Debounce);
        await stream.NextAsync();
        Assert.InRange(stream.Comments, 1, 3); // kept alive meanwhile
    }

    [Fact]
    public async Task Stream_ChangesBeforeItOpened_AreTold()
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync();
        host.Register("", ToolServerHost.Definition("early"));

        using var response = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, session: session), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = new EventReader(response);

        Assert.Equal("notifications/tools/list_changed", (await stream.NextAsync()).GetProperty("method").GetString());
    }

    [Fact]
    public async Task Listen_SeveralStreamsOfOneSession_TellsTheNewestAlone()
    {
        var clock = new ManualTimeProvider();
        await using var host = await ToolServerHost.StartAsync(timeProvider: clock);
        var changes = host.Gateway.Services.GetRequiredService<ToolListChanges>();
        var seen = new SeenToolList(host.Gateway.Services.GetRequiredService<OfferedTools>().Signature(""));
        using var older = changes.Listen("", seen);
        using var newer = changes.Listen("", seen);

        host.Register("", ToolServerHost.Definition("echo"));
        clock.Advance(ToolListChanges.Debounce);

        Assert.True(await newer.WaitAsync(TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        Assert.False(await older.WaitAsync(TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        Assert.False(await newer.WaitAsync(TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        Assert.Equal(2, changes.Listeners);
    }

    [Fact]
    public async Task Stream_ClientLeaves_IsForgotten()
    {
        await using var host = await ToolServerHost.StartAsync();
        var changes = host.Gateway.Services.GetRequiredService<ToolListChanges>();
        var session = await host.InitializeAsync();
        using (await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, session: session), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(1, changes.Listeners);
        }

        await Eventually.TrueAsync(() => changes.Listeners == 0, "the stream is gone");
        Assert.Equal(1, host.Sessions.Count);
        using var listed = await host.PostAsync(List, session: session);
        Assert.True(listed.IsSuccessStatusCode);
    }

    private static Task AdvanceUntilAsync(ManualTimeProvider clock, Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        clock.Advance(ToolListChanges.Debounce);
        return condition();
    }, "the new filter holds");
}
