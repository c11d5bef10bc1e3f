using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Proxy;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Streaming;

/// <summary>Before the first content everything may be taken back; after it nothing is, and a broken stream never looks complete.</summary>
public sealed class StreamingContractTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Stream_Complete_IsRelayedByteForByte()
    {
        string[] pieces = [": hello\r\n\r\n", FakeDestination.RoleDelta, FakeDestination.Delta("é"), "data: {\"choi", "ces\":[]}\n\n", FakeDestination.Delta("😀"), FakeDestination.Finish];
        await using var backend = await FakeDestination.StartStreamingAsync(pieces);
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address));

        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(string.Concat(pieces), await response.Content.ReadAsStringAsync());
        Assert.Contains("backend;dur=", response.Header("server-timing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_EachEvent_ReachesTheClientAtOnce()
    {
        var next = new SemaphoreSlim(0);
        await using var backend = await FakeDestination.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var token = 0; token < 5; token++)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync(FakeDestination.Delta($"t{token}"));
                await context.Response.Body.FlushAsync();
            }

            await context.Response.WriteAsync(FakeDestination.Finish);
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address));
        next.Release();
        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""), completion: HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        for (var token = 0; token < 5; token++)
        {
            // the backend sends the next token only when this one was read here
            Assert.Contains($"t{token}", await reader.ReadLineAsync().WaitAsync(_patience), StringComparison.Ordinal);
            await reader.ReadLineAsync().WaitAsync(_patience);
            next.Release();
        }

        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync().WaitAsync(_patience), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_BreaksBeforeTheFirstToken_FallbackAnswersUnseen(bool cut)
    {
        await using var breaking = await FakeDestination.StartStreamingAsync([FakeDestination.RoleDelta], cut);
        await using var spare = await FakeDestination.StartStreamingAsync([FakeDestination.Delta("spare"), FakeDestination.Finish]);
        await using var gateway = await DispatchTests.StartWithSpareAsync(breaking.Address, spare.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""));

        Assert.Equal(FakeDestination.Delta("spare") + FakeDestination.Finish, await response.Content.ReadAsStringAsync());
        Assert.Equal("spare", response.Header("x-router-cluster"));
        Assert.Single(breaking.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_BreaksAfterTheFirstToken_EndsWithErrorEventAndAbort(bool cut)
    {
        var arrived = new TaskCompletionSource();
        await using var breaking = await FakeDestination.StartStreamingAsync([FakeDestination.Delta("one"), "data: {\"choices\":[{\"del"], cut, arrived.Task);
        await using var spare = await FakeDestination.StartStreamingAsync([FakeDestination.Delta("spare"), FakeDestination.Finish]);
        await using var gateway = await DispatchTests.StartWithSpareAsync(breaking.Address, spare.Address);
        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""), completion: HttpCompletionOption.ResponseHeadersRead);

        var (text, wasCut) = await ReadUntilEndAsync(response, arrived);

        Assert.True(wasCut, "the answer ended as a complete one does");
        Assert.StartsWith(FakeDestination.Delta("one") + "data: {\"error\":{", text, StringComparison.Ordinal);
        Assert.EndsWith("}}\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Empty(spare.Requests);
    }

    [Fact]
    public async Task Stream_BackendReportsErrorAfterTheFirstToken_NoDoneFollows()
    {
        const string error = "data: {\"error\":{\"message\":\"gpu lost\"}}\n\n";
        var arrived = new TaskCompletionSource();
        await using var breaking = await FakeDestination.StartStreamingAsync([FakeDestination.Delta("one"), error + "data: [DONE]\n\n"], afterFirst: arrived.Task);
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", breaking.Address));
        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""), completion: HttpCompletionOption.ResponseHeadersRead);

        var (text, wasCut) = await ReadUntilEndAsync(response, arrived);

        Assert.True(wasCut);
        Assert.StartsWith(FakeDestination.Delta("one") + error, text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_NoFirstToken_ClockRunsOutAndFallbackAnswers()
    {
        await using var stuck = await FakeDestination.StartAsync(static async context =>
        {
            context.Response.ContentType = "text/event-stream";
            while (true) // comments keep the connection busy, but they are no tokens
            {
                await context.Response.WriteAsync(": ping\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(20, context.RequestAborted);
            }
        });
        await using var spare = await FakeDestination.StartStreamingAsync([FakeDestination.Delta("spare"), FakeDestination.Finish]);
        await using var gateway = await DispatchTests.StartWithSpareAsync(stuck.Address, spare.Address, """, "timeouts": { "firstToken": "300ms" }""");

        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""));

        Assert.Equal("spare", response.Header("x-router-cluster"));
        await stuck.Dropped.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task Stream_NoAnswerAtAll_ClockRunsOut()
    {
        await using var stuck = await FakeDestination.StartAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", stuck.Address, """, "timeouts": { "firstToken": "300ms" }"""));

        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""));

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("timeouts.firstToken", (await response.ErrorAsync()).Message, StringComparison.Ordinal);
        await stuck.Dropped.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task Stream_SilentAfterAToken_IdleClockEndsIt()
    {
        await using var stuck = await FakeDestination.StartAsync(static async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(FakeDestination.Delta("one"));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", stuck.Address, """, "timeouts": { "idle": "300ms" }"""));
        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""), completion: HttpCompletionOption.ResponseHeadersRead);

        var (text, wasCut) = await ReadUntilEndAsync(response);

        Assert.True(wasCut);
        Assert.Contains("backend_timeout", text, StringComparison.Ordinal);
        await stuck.Dropped.Task.WaitAsync(_patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_Leaves_BackendIsCancelled(bool stream)
    {
        var reached = new TaskCompletionSource();
        await using var slow = await FakeDestination.StartAsync(async context =>
        {
            if (stream)
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(FakeDestination.Delta("one"));
                await context.Response.Body.FlushAsync();
            }

            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", slow.Address));
        using var client = new HttpClient { BaseAddress = gateway.Address };
        using var leave = new CancellationTokenSource();
        var request = client.PostAsync("/v1/chat/completions", new StringContent(GatewayHost.Chat(more: stream ? ""","stream":true""" : ""), Encoding.UTF8, "application/json"), leave.Token);
        await reached.Task.WaitAsync(_patience);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await slow.Dropped.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task Stream_SlowReader_HoldsBackTheBackend()
    {
        var sent = 0L;
        await using var fast = await FakeDestination.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var piece = FakeDestination.Delta(new string('x', 60_000));
            for (var round = 0; round < 2000; round++) // 120 MB, far more than all socket buffers together
            {
                await context.Response.WriteAsync(piece, context.RequestAborted);
                Interlocked.Add(ref sent, piece.Length);
            }
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", fast.Address));
        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""), completion: HttpCompletionOption.ResponseHeadersRead);

        long before;
        do
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(300);
        }
        while (before != Interlocked.Read(ref sent));

        Assert.InRange(before, 1, 60_000_000); // stands still, because nobody reads
    }

    [Fact]
    public async Task Document_CutInTheMiddle_FallbackAnswers()
    {
        await using var cutting = await FakeDestination.StartAsync(static async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{\"choices\":[");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var spare = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await DispatchTests.StartWithSpareAsync(cutting.Address, spare.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(FakeDestination.SmallAnswer, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Document_OfManyMegabytes_IsRelayedWhole()
    {
        var large = FakeDestination.SmallAnswer.Replace("hello", new string('y', 5_000_000), StringComparison.Ordinal);
        await using var backend = await FakeDestination.StartAnsweringAsync(large);
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address));

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(large, await response.Content.ReadAsStringAsync());
    }

    /// <returns>All text that came, and whether the connection ended inside the answer.</returns>
    private static async Task<(string Text, bool WasCut)> ReadUntilEndAsync(HttpResponseMessage response, TaskCompletionSource? arrived = null)
    {
        using var received = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).AsTask().WaitAsync(_patience)) > 0)
            {
                received.Write(buffer, 0, read);
                arrived?.TrySetResult();
            }

            return (Encoding.UTF8.GetString(received.ToArray()), false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Encoding.UTF8.GetString(received.ToArray()), true);
        }
    }
}
