using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.Engine;

/// <summary>A bounded pool of decoders over one model: takes requests in order, as many at once as it has slots.</summary>
/// <remarks>Each slot is a thread of its own, and that thread alone touches its sequence.</remarks>
internal sealed partial class GenerationEngine : IAsyncDisposable
{
    private readonly GenerationModel _model;
    private readonly KvCacheBudget _budget;
    private readonly TimeSpan _queueTimeout;
    private readonly TimeProvider _time;
    private readonly InferenceMetrics _metrics;
    private readonly ILogger _logger;
    private readonly GenerationQueue _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _slots;
    private readonly long _shareBytes;
    private int _running;

    /// <param name="model">The model; owned by the caller, to be disposed after this.</param>
    /// <param name="budget">Bytes of KV cache that the sequences share.</param>
    /// <param name="maxSequences">Sequences that decode at once.</param>
    /// <param name="maxQueue">Requests that may wait besides.</param>
    /// <param name="queueTimeout">How long they may wait; a request that waits longer fails with <see cref="EngineOverloadedException"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">Receives counts.</param>
    /// <param name="logger">Receives failures.</param>
    public GenerationEngine(GenerationModel model, KvCacheBudget budget, int maxSequences, int maxQueue, TimeSpan queueTimeout, TimeProvider time, InferenceMetrics metrics, ILogger logger)
    {
        _model = model;
        _budget = budget;
        (_queueTimeout, _time) = (queueTimeout, time);
        Prefixes = new PrefixCache(model.Decoder, model.KvCache, model.Config.ContextTokens);
        _metrics = metrics;
        _logger = logger;
        _shareBytes = budget.PoolBytes / maxSequences;
        _queue = new GenerationQueue(maxSequences + maxQueue);
        _slots = [.. Enumerable.Range(0, maxSequences).Select(_ => Task.Factory.StartNew(RunSlot, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>Sequences that are decoding.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests that wait for a slot or for KV cache.</summary>
    public int Waiting => Math.Max(0, _queue.Count - Running);

    /// <summary>Sequences that have ended and are kept for prompts that begin like them.</summary>
    public PrefixCache Prefixes { get; }

    /// <summary>Whether so many requests would be taken now.</summary>
    public bool HasRoom(int requests) => _queue.HasRoom(requests);

    /// <summary>Queues a request.</summary>
    /// <returns><see langword="false"/> when all slots are busy and the queue is full.</returns>
    public bool TryEnqueue(GenerationRequest request)
    {
        request.Wait(_queueTimeout, _time, Forget);
        if (_queue.TryAdd(request))
        {
            return true;
        }

        request.Fail(new EngineOverloadedException());
        return false;
    }

    /// <summary>Stops all sequences within one token and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopping.CancelAsync();
        await Task.WhenAll(_slots);
        Prefixes.Dispose();
        _stopping.Dispose();
    }

    private void RunSlot()
    {
        // This thread has nothing else to do, and native calls must not leave it: so it waits here itself.
        while (_queue.TryTake(out var request))
        {
            var failure = TryServe(request, out var finish, out var hasEndToken);
            request.Guide?.Dispose();
            _queue.EndService(); // before the client knows, so that its next request finds room
            if (failure is null)
            {
                request.Complete(finish, hasEndToken);
            }
            else
            {
                request.Fail(failure);
            }
        }
    }

    // Called when a request gives up before it has begun.
    private void Forget(GenerationRequest request, Exception why)
    {
        _queue.Remove(request);
        request.Guide?.Dispose();
        if (why is OperationCanceledException)
        {
            _metrics.CountFinished("abort");
        }
    }

    // A sequence that would take more than its share of the pool keeps only the windows of sliding layers. Others keep everything, so that
    // prompts which share only their beginning can start from it.
    private bool IsLong(GenerationRequest request) =>
        _model.KvCache.SlidingBytesPerToken > 0 && _model.KvCache.BytesOf(request.ReservedTokens, windowsOnly: false) > _shareBytes;

    // Returns what failed the request.
    private Exception? TryServe(GenerationRequest request, out FinishReason finish, out bool hasEndToken)
    {
        (finish, hasEndToken) = (FinishReason.Length, false);
        var windowsOnly = IsLong(request);
        var bytes = _model.KvCache.BytesOf(request.ReservedTokens, windowsOnly);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(request.CancellationToken, _stopping.Token);
        try
        {
            _budget.AcquireAsync(bytes, cancellation.Token).GetAwaiter().GetResult(); // on the slot's own thread, see RunSlot
        }
        catch (OperationCanceledException e)
        {
            return e;
        }

        Interlocked.Increment(ref _running);
        try
        {
            return request.TryBegin()
                ? TryGenerate(request, windowsOnly, ref bytes, ref finish, ref hasEndToken, cancellation.Token)
                : new EngineOverloadedException(); // as it was told when its time was over
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            _budget.Release(bytes);
            Prefixes.Trim(_budget.PoolBytes - _budget.UsedBytes);
        }
    }

    // Whatever is thrown in here ends this request only, and the slot lives on.
    private Exception? TryGenerate(GenerationRequest request, bool windowsOnly, ref long bytes, ref FinishReason finish, ref bool hasEndToken, CancellationToken cancellationToken)
    {
        KvSequence? sequence = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested(); // nobody's sequence is cut for a client that has left
            sequence = TakeSequence(request, windowsOnly, ref bytes);
            (finish, hasEndToken) = Decode(request, sequence, cancellationToken);
            _metrics.CountFinished(finish == FinishReason.Stop ? "stop" : "length");
            Prefixes.Keep(sequence);
            return null;
        }
        catch (OperationCanceledException e)
        {
            _metrics.CountFinished("abort");
            if (sequence is not null)
            {
                Prefixes.Keep(sequence); // what it has read is right as far as it goes
            }

            return e;
        }
        catch (Exception e)
        {
            sequence?.Dispose();
            _metrics.CountFinished("error");
            LogFailed(_logger, e);
            return new GenerationFailedException($"The model failed to generate: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private KvSequence TakeSequence(GenerationRequest request, bool windowsOnly, ref long bytes)
    {
        var sequence = Prefixes.Take(request.Prompt.Span, request.ReservedTokens, _budget.PoolBytes - _budget.UsedBytes);
        if (windowsOnly)
        {
            sequence.LimitToWindows();
        }

        // One that was kept may hold more than this request will.
        var heldBytes = _model.KvCache.BytesOf(sequence.HeldTokens, sequence.IsLimitedToWindows);
        if (heldBytes > bytes)
        {
            _budget.TakeMore(heldBytes - bytes);
            bytes = heldBytes;
            Prefixes.Trim(_budget.PoolBytes - _budget.UsedBytes);
        }

        return sequence;
    }

    [LoggerMessage(EventId = 3011, Level = LogLevel.Error, Message = "A generation failed; the server goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
