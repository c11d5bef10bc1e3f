using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Brings texts to the classifier on threads of its own, in small batches, and back within the deadline.</summary>
internal sealed partial class ClassificationQueue : IDisposable
{
    /// <summary>Most texts that wait; more are answered with the default route at once.</summary>
    public const int Capacity = 512;

    private readonly Channel<PendingClassification> _waiting = Channel.CreateBounded<PendingClassification>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait });

    private readonly IPromptClassifier _classifier;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ClassificationQueue> _logger;
    private readonly int _workers;
    private int _started;

    public ClassificationQueue(IPromptClassifier classifier, TimeProvider timeProvider, ILogger<ClassificationQueue> logger)
        : this(classifier, timeProvider, logger, Math.Clamp(Environment.ProcessorCount / 2, 1, 8))
    {
    }

    /// <summary>Creates a queue with so many threads.</summary>
    internal ClassificationQueue(IPromptClassifier classifier, TimeProvider timeProvider, ILogger<ClassificationQueue> logger, int workers)
    {
        (_classifier, _timeProvider, _logger, _workers) = (classifier, timeProvider, logger, workers);
    }

    /// <summary>Classifies a text within the table's deadline; a failure of any kind is an outcome.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public Task<ClassificationAnswer> ClassifyAsync(RouteTable table, string text, CancellationToken cancellationToken) =>
        ClassifyAsync(table, text, table.Settings.Deadline, cancellationToken);

    /// <summary>Classifies a text; a failure of any kind is an outcome.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<ClassificationAnswer> ClassifyAsync(RouteTable table, string text, TimeSpan deadline, CancellationToken cancellationToken)
    {
        EnsureStarted();
        var pending = new PendingClassification(new ClassificationInput(table, text));
        if (!_waiting.Writer.TryWrite(pending))
        {
            return new ClassificationAnswer(DecisionOutcome.DefaultOverload, default, 0);
        }

        return await pending.WaitAsync(deadline, _timeProvider, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.Writer.TryComplete();

    private void EnsureStarted()
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.Exchange(ref _started, 1) == 0)
        {
            for (var i = 0; i < _workers; i++)
            {
                new Thread(Work) { IsBackground = true, Name = $"classifier {i}" }.Start();
            }
        }
    }

    private void Work()
    {
        var batch = new List<PendingClassification>();
        while (WaitForWork())
        {
            batch.Clear();
            while (batch.Count < _classifier.LargestBatch && _waiting.Reader.TryRead(out var pending))
            {
                if (!pending.IsOver)
                {
                    batch.Add(pending);
                }
            }

            if (batch.Count > 0)
            {
                Run(batch);
            }
        }
    }

    // A thread that waits for nothing else: blocking it is the point (an idle queue adds no delay to the first text).
    private bool WaitForWork()
    {
        var ready = _waiting.Reader.WaitToReadAsync();
        return ready.IsCompletedSuccessfully ? ready.GetAwaiter().GetResult() : ready.AsTask().GetAwaiter().GetResult();
    }

    private void Run(List<PendingClassification> batch)
    {
        var started = Stopwatch.GetTimestamp();
        var results = new Classification[batch.Count];
        try
        {
            _classifier.Classify([.. batch.Select(static p => p.Input)], results);
        }
        catch (Exception fault)
        {
            LogFailed(_logger, fault, batch.Count);
            batch.ForEach(static p => p.Fail(DecisionOutcome.DefaultError));
            return;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Complete(results[i], started);
        }
    }

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "The classifier failed for {Count} prompts; they take the default route")]
    private static partial void LogFailed(ILogger logger, Exception fault, int count);
}
