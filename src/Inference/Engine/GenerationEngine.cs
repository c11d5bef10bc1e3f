using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.Engine;

/// <summary>A bounded pool of decoders over one model: takes requests in order, as many at once as it has slots.</summary>
/// <remarks>Each slot is a thread of its own, and that thread alone touches its native generator.</remarks>
internal sealed partial class GenerationEngine : IAsyncDisposable
{
    private readonly GenerationModel _model;
    private readonly KvCacheBudget _budget;
    private readonly InferenceMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Channel<GenerationRequest> _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _slots;
    private readonly int _capacity;
    private int _admitted; // running and waiting
    private int _running;

    /// <param name="model">The model; owned by the caller, to be disposed after this.</param>
    /// <param name="budget">Bytes of KV cache that the sequences share.</param>
    /// <param name="maxSequences">Sequences that decode at once.</param>
    /// <param name="maxQueue">Requests that may wait besides.</param>
    /// <param name="metrics">Receives counts.</param>
    /// <param name="logger">Receives failures.</param>
    public GenerationEngine(GenerationModel model, KvCacheBudget budget, int maxSequences, int maxQueue, InferenceMetrics metrics, ILogger logger)
    {
        _model = model;
        _budget = budget;
        _metrics = metrics;
        _logger = logger;
        _capacity = maxSequences + maxQueue;
        _queue = Channel.CreateBounded<GenerationRequest>(_capacity);
        _slots = [.. Enumerable.Range(0, maxSequences).Select(_ => Task.Factory.StartNew(RunSlot, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>Sequences that are decoding.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests that wait for a slot or for KV cache.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _admitted) - Running);

    /// <summary>Queues a request.</summary>
    /// <returns><see langword="false"/> when all slots are busy and the queue is full.</returns>
    public bool TryEnqueue(GenerationRequest request)
    {
        if (Interlocked.Increment(ref _admitted) <= _capacity && _queue.Writer.TryWrite(request))
        {
            return true;
        }

        Interlocked.Decrement(ref _admitted);
        return false;
    }

    /// <summary>Stops all sequences within one token and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await Task.WhenAll(_slots);
        _stopping.Dispose();
    }

    private void RunSlot()
    {
        // This thread has nothing else to do, and native calls must not leave it: so it waits here itself.
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var request))
            {
                var failure = TryServe(request, out var finish, out var hasEndToken);
                Interlocked.Decrement(ref _admitted); // before the client knows, so that its next request finds room
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
    }

    // Whatever is thrown in here ends this request only, and the slot lives on. Returns what failed it.
    private Exception? TryServe(GenerationRequest request, out FinishReason finish, out bool hasEndToken)
    {
        finish = FinishReason.Length;
        hasEndToken = false;
        var bytes = request.ReservedTokens * _model.KvCache.BytesPerToken;
        var isAdmitted = false;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(request.CancellationToken, _stopping.Token);
        try
        {
            _budget.AcquireAsync(bytes, cancellation.Token).GetAwaiter().GetResult(); // on the slot's own thread, see RunSlot
            isAdmitted = true;
            Interlocked.Increment(ref _running);
            (finish, hasEndToken) = Decode(request, cancellation.Token);
            _metrics.CountFinished(finish == FinishReason.Stop ? "stop" : "length");
            return null;
        }
        catch (OperationCanceledException e)
        {
            _metrics.CountFinished("abort");
            return e;
        }
        catch (Exception e)
        {
            _metrics.CountFinished("error");
            LogFailed(_logger, e);
            return new GenerationFailedException($"The model failed to generate: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            if (isAdmitted)
            {
                Interlocked.Decrement(ref _running);
                _budget.Release(bytes);
            }
        }
    }

    [LoggerMessage(EventId = 3011, Level = LogLevel.Error, Message = "A generation failed; the server goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
