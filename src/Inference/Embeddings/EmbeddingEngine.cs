using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Embeddings;

/// <summary>A bounded pool of threads over one embedding model; requests take turns by the run, so that long ones do not hold up short ones.</summary>
/// <remarks>Threads of its own run the model: a run of a large one would hold a thread of the pool for seconds.</remarks>
internal sealed partial class EmbeddingEngine : IAsyncDisposable
{
    private readonly EmbeddingModel _model;
    private readonly TimeSpan _queueTimeout;
    private readonly TimeProvider _time;
    private readonly int _rowsPerRun;
    private readonly ILogger _logger;
    private readonly int _capacity;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _slots;
    private int _admitted; // running and waiting
    private int _running;

    // A request has at most a run for each slot in it, so what bounds the requests bounds this too.
    private readonly BlockingCollection<EmbeddingRun> _queue = [];

    /// <param name="model">The model; owned by the caller, to be disposed after this.</param>
    /// <param name="maxSequences">Runs at a time.</param>
    /// <param name="maxQueue">Requests that may wait besides.</param>
    /// <param name="queueTimeout">How long they may wait for their first run.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rowsPerRun">Most inputs of a run.</param>
    /// <param name="logger">Receives failures.</param>
    public EmbeddingEngine(EmbeddingModel model, int maxSequences, int maxQueue, TimeSpan queueTimeout, TimeProvider time, int rowsPerRun, ILogger logger)
    {
        (_model, _queueTimeout, _time, _rowsPerRun, _logger) = (model, queueTimeout, time, rowsPerRun, logger);
        _capacity = maxSequences + maxQueue;
        _slots = [.. Enumerable.Range(0, maxSequences).Select(_ => Task.Factory.StartNew(RunSlot, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>Runs under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests that wait for a thread.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _admitted) - Running);

    /// <summary>Embeds the inputs of one request.</summary>
    /// <param name="inputs">Sequences, each of 1 to <see cref="EmbeddingModel.MaxTokens"/> ids.</param>
    /// <param name="cancellationToken">Ends the request with the runs that are under way.</param>
    /// <returns>[inputs, dimension], row-major.</returns>
    /// <exception cref="EngineOverloadedException">There are too many requests, or this one has waited too long.</exception>
    /// <exception cref="EmbeddingFailedException">The model failed.</exception>
    public async Task<float[]> EmbedAsync(IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
    {
        try
        {
            return Interlocked.Increment(ref _admitted) <= _capacity
                ? await RunAsync(inputs, cancellationToken)
                : throw new EngineOverloadedException();
        }
        finally
        {
            Interlocked.Decrement(ref _admitted);
        }
    }

    /// <summary>Ends the threads after the runs that are under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_slots);
        _queue.Dispose();
        _stopping.Dispose();
    }

    private async Task<float[]> RunAsync(IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_queueTimeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token, _stopping.Token);
        var batches = EmbeddingBatches.Divide(inputs, _rowsPerRun);
        var embeddings = new float[inputs.Count * _model.Dimension];
        var next = -1;
        Exception? failure = null;

        // Each lane has one run in the queue at a time: alone, a request has all threads; beside others, its share.
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_slots.Length, batches.Count)).Select(_ => RunLaneAsync()));
        return failure switch
        {
            null => embeddings,
            OperationCanceledException when deadline.IsCancellationRequested => throw new EngineOverloadedException(),
            OperationCanceledException => throw new OperationCanceledException(cancellationToken),
            _ => throw failure,
        };

        async Task RunLaneAsync()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var index && index < batches.Count)
                {
                    // The first run that begins ends the wait.
                    var run = new EmbeddingRun([.. batches[index].Select(i => inputs[i].AsMemory())], () => deadline.CancelAfter(Timeout.InfiniteTimeSpan));
                    ended.Token.ThrowIfCancellationRequested();
                    _queue.Add(run, CancellationToken.None);
                    Scatter(await run.WaitAsync(ended.Token), batches[index], embeddings);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null); // thrown when the other lanes have ended, too
                await ended.CancelAsync();
            }
        }
    }

    private void Scatter(float[] rows, int[] batch, float[] embeddings)
    {
        for (var row = 0; row < batch.Length; row++)
        {
            rows.AsSpan(row * _model.Dimension, _model.Dimension).CopyTo(embeddings.AsSpan(batch[row] * _model.Dimension));
        }
    }

    private void RunSlot()
    {
        try
        {
            foreach (var run in _queue.GetConsumingEnumerable(_stopping.Token))
            {
                if (run.TryBegin() is { } inputs)
                {
                    Serve(run, inputs);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // stopped; what still waits gives up by the same token
        }
    }

    // Whatever is thrown in here ends this request only, and the slot lives on.
    private void Serve(EmbeddingRun run, IReadOnlyList<ReadOnlyMemory<int>> inputs)
    {
        Exception? failure = null;
        var embeddings = new float[inputs.Count * _model.Dimension];
        Interlocked.Increment(ref _running);
        try
        {
            _model.Embed(inputs, embeddings);
            failure = TensorPrimitives.IsFiniteAll<float>(embeddings)
                ? null
                : new EmbeddingFailedException("The model's numbers overflow on this input: an export in float16 may need another kind of weights.");
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            failure = new EmbeddingFailedException($"The model failed to embed: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        Interlocked.Decrement(ref _running);
        if (failure is null)
        {
            run.Complete(embeddings);
        }
        else
        {
            run.Fail(failure);
        }
    }

    [LoggerMessage(EventId = 3061, Level = LogLevel.Error, Message = "An embedding failed; the server goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
