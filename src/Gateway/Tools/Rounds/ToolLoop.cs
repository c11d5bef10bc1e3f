using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Router;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Runs the tools that a model calls, and asks it again with their results, until it answers.</summary>
/// <remarks>
/// model asks -> tools run side by side -> results back -> until an answer, the rounds or the deadline are used up, or a tool of the caller is
/// called. The caller sees one answer. Each round is dispatched like any request: attempts, fallbacks, clocks.
/// </remarks>
internal sealed class ToolLoop(ToolRunner runner, PausedLoops paused, ToolMetrics metrics, RouteTableMonitor monitor, TimeProvider timeProvider)
{
    private const int MostCallsPerRound = 32;

    private static readonly TimeSpan _noteEvery = TimeSpan.FromSeconds(10); // so that nobody on the way takes the stream for dead

    /// <param name="context">The caller's context; nothing was sent yet.</param>
    /// <param name="request">Receives the calls and the usage of the rounds.</param>
    /// <param name="plan">What is offered.</param>
    /// <param name="inserted">What earlier rounds brought, and where it belongs.</param>
    /// <param name="body">The caller's body.</param>
    /// <param name="chat">What was read of it.</param>
    /// <param name="targets">Where the request goes; the destination that answered the first round is asked first in the next.</param>
    /// <param name="dispatch">Dispatches one round.</param>
    /// <returns>Why it failed; <c>null</c> when it was answered.</returns>
    public async Task<GatewayFailure?> RunAsync(
        HttpContext context, GatewayRequest request, ToolPlan plan, IReadOnlyList<(int Offset, ReadOnlyMemory<byte> Messages)> inserted, RequestBody body, ChatRequest chat, IReadOnlyList<DispatchTarget> targets,
        Func<HttpContext, IReadOnlyList<DispatchTarget>, RequestBody, ChatRequest, Task<GatewayFailure?>> dispatch)
    {
        var clientAborted = context.RequestAborted;
        using var deadline = new CancellationTokenSource(monitor.Current.Tools.Deadline, timeProvider);
        IAnswerRounds rounds = chat.Stream ? new StreamedRounds(context, plan) : new WholeRounds(context, plan);
        var hidden = new MemoryStream();
        for (var round = 1; ; round++)
        {
            var isLast = round >= plan.MaxRounds || deadline.IsCancellationRequested;
            var edits = new BodyEdits
            {
                AddedTools = plan.Offered,
                AddedMessages = hidden.GetBuffer().AsMemory(0, (int)hidden.Length),
                InsertedMessages = inserted,
                // a call that was demanded has been made; in the last round the model has to answer with what it has
                ToolChoice = round > 1 && isLast ? "\"none\"" : round > 1 && plan.ChoosesOne ? "\"auto\"" : null,
            };
            var (editedBody, editedChat) = edits.Apply(body.Bytes.Span, chat);
            var roundContext = RoundContext.Create(context, rounds.BeginRound());
            if (await dispatch(roundContext, targets, editedBody, editedChat) is { } failure)
            {
                return failure;
            }

            if (await rounds.EndRoundAsync(roundContext.Response, clientAborted) is not { } answer)
            {
                return new GatewayFailure(GatewayError.BackendInvalidResponse, $"The backend of cluster \"{request.Attempt?.Target.Cluster.Id}\" answered 200 with what is no chat completion.");
            }

            var ours = answer.Calls.Where(static call => !call.IsForCaller).ToArray();
            var theirs = answer.Calls.FirstOrDefault(static call => call.IsForCaller);
            if (ours.Length == 0 || answer.IsCutOff || isLast)
            {
                metrics.LoopEnded(round);
                await rounds.FinishAsync(outOfRounds: ours.Length > 0 && isLast, clientAborted);
                return null;
            }

            var results = await RunAsync(ours, plan, rounds, request, deadline.Token, clientAborted);
            hidden.Write(hidden.Length > 0 ? ","u8 : ""u8);
            // what the model said stands in the caller's own message when it gets one
            hidden.Write(ToolMessages.Write(theirs is null ? answer : RoundAnswer.Final, results));
            if (theirs is not null)
            {
                paused.Keep(request.Tenant, chat.Prompt.Messages, theirs, hidden.GetBuffer().AsSpan(0, (int)hidden.Length));
                metrics.LoopEnded(round);
                await rounds.FinishAsync(outOfRounds: false, clientAborted);
                return null;
            }

            targets = Continue(request, targets);
        }
    }

    /// <summary>The destination that has the conversation in its KV cache is asked first.</summary>
    private static IReadOnlyList<DispatchTarget> Continue(GatewayRequest request, IReadOnlyList<DispatchTarget> targets)
    {
        request.EndRound();
        if (request.Attempt is not { } attempt)
        {
            return targets;
        }

        request.PinnedDestination = attempt.DestinationId is { } destination ? new PinnedDestination(attempt.Target.Cluster.Id, destination) : request.PinnedDestination;
        return [attempt.Target, .. targets.Where(target => target != attempt.Target)];
    }

    /// <summary>Runs calls side by side.</summary>
    private async Task<(RequestedCall Call, ToolResult Result)[]> RunAsync(
        RequestedCall[] calls, ToolPlan plan, IAnswerRounds rounds, GatewayRequest request, CancellationToken deadline, CancellationToken clientAborted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, clientAborted);
        Task<ToolResult[]>? all = null;
        try
        {
            foreach (var call in calls)
            {
                await rounds.NoteAsync("started", call, clientAborted);
            }

            var running = calls.Select((call, i) => RunAsync(call, i < MostCallsPerRound, plan, request, either.Token, clientAborted)).ToArray();
            all = Task.WhenAll(running);
            while (await Task.WhenAny(all, Task.Delay(_noteEvery, timeProvider, clientAborted)) != all)
            {
                clientAborted.ThrowIfCancellationRequested();
                await rounds.NoteAsync("running", calls[Array.FindIndex(running, static task => !task.IsCompleted) is var first and >= 0 ? first : 0], clientAborted);
            }

            var results = await all;
            for (var i = 0; i < calls.Length; i++)
            {
                await rounds.NoteAsync(results[i].IsError ? "failed" : "finished", calls[i], clientAborted);
            }

            return [.. calls.Zip(results)];
        }
        finally
        {
            await either.CancelAsync(); // whatever it was that ended the request: no tool runs on, and nobody adds to it any more
            await (all ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ToolResult> RunAsync(RequestedCall call, bool isRun, ToolPlan plan, GatewayRequest request, CancellationToken either, CancellationToken clientAborted)
    {
        var started = timeProvider.GetTimestamp();
        var tool = plan.Find(call.Name);
        var result = new ToolResult("The caller left.", IsError: true);
        try
        {
            result = !isRun ? new ToolResult($"More than {MostCallsPerRound} tools were called at once. Call fewer.", IsError: true)
                : tool is null ? new ToolResult($"There is no tool \"{call.Name}\"{Spelling.Hint(call.Name, [.. plan.Offered.Select(static offered => offered.Name)])}", IsError: true)
                : await runner.RunAsync(new ToolCall(call.Id, tool, call.Arguments), progress: null, either);
        }
        catch (OperationCanceledException) when (!clientAborted.IsCancellationRequested)
        {
            result = new ToolResult("The time for this request's tools is used up. Answer with what is known.", IsError: true);
        }
        finally
        {
            request.AddToolCall(new ToolCallReceipt(
                tool?.Name ?? "", tool?.Version ?? 0, Digest.Of(call.Arguments).ToString(), Digest.Of(result.Text).ToString(), result.IsError, timeProvider.GetElapsedTime(started).TotalMilliseconds));
        }

        return result;
    }
}
