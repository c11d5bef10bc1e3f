using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Resilience;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Brings texts to a classifier on threads of its own, in small batches; keeps them away from one that is broken or stuck.</summary>
internal sealed partial class ClassificationQueue : IDisposable
{
    /// <summary>Most texts that wait; more are answered with the default route at once.</summary>
    public const int Capacity = 512;

    private const int FailuresToOpen = 5;
    private static readonly TimeSpan _openFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _openAtMost = TimeSpan.FromSeconds(5);

    private readonly Channel<PendingClassification> _waiting = Channel.CreateBounded<PendingClassification>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait });

    private readonly IPromptClassifier _classifier;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ClassificationQueue> _logger;
    private readonly CircuitBreaker _breaker;
    private readonly long[] _begun; // by worker, when its batch began; 0 while it is idle
    private readonly string _name;
    private int _started;

    public ClassificationQueue(IPromptClassifier classifier, TimeProvider timeProvider, ILogger<ClassificationQueue> logger)
        : this(classifier, timeProvider, logger, Math.Clamp(Environment.ProcessorCount / 2, 1, 8))
    {
    }

    /// <summary>Creates a queue with so many threads.</summary>
    /// <param name="classifier">Who is asked.</param>
    /// <param name="timeProvider">Clock.</param>
    /// <param name="logger">Receives failures.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="name">What the log and the threads call it.</param>
    internal ClassificationQueue(IPromptClassifier classifier, TimeProvider timeProvider, ILogger<ClassificationQueue> logger, int workers, string name = "classifier")
    {
        (_classifier, _timeProvider, _logger, _name) = (classifier, timeProvider, logger, name);
        _begun = new long[workers];
        _breaker = new CircuitBreaker(timeProvider, FailuresToOpen, _openFor, _openAtMost);
    }

    /// <summary>True while texts are kept away from the classifier because it failed several times in a row.</summary>
    public bool IsBroken => _breaker.IsOpen;

    /// <summary>Texts that wait now.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Classifies a text; a failure of any kind is an outcome, and never an exception.</summary>
    /// <param name="table">Whose routes are the labels.</param>
    /// <param name="text">The text.</param>
    /// <param name="unwanted">Cancelled when nobody waits for the answer any more.</param>
    /// <returns>Null when it was no longer wanted before it was its turn.</returns>
    public Task<ClassificationAnswer?> ClassifyAsync(RouteTable table, string text, CancellationToken unwanted) =>
        ClassifyAsync(new ClassificationInput(table, text), unwanted);

    /// <inheritdoc cref="ClassifyAsync(RouteTable, string, CancellationToken)"/>
    public Task<ClassificationAnswer?> ClassifyAsync(in ClassificationInput input, CancellationToken unwanted)
    {
        if (WhyNot(input.Table.Settings.Deadline) is { } outcome)
        {
            return Refuse(outcome);
        }

        EnsureStarted();
        var pending = new PendingClassification(input, unwanted);
        return _waiting.Writer.TryWrite(pending) ? pending.Answer : Refuse(DecisionOutcome.DefaultOverload);
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.Writer.TryComplete();

    private void EnsureStarted()
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.Exchange(ref _started, 1) == 0)
        {
            for (var i = 0; i < _begun.Length; i++)
            {
                var worker = i;
                new Thread(() => Work(worker)) { IsBackground = true, Name = $"{_name} {i}" }.Start();
            }
        }
    }

    private void Work(int worker)
    {
        var batch = new List<PendingClassification>();
        while (WaitForWork())
        {
            batch.Clear();
            while (batch.Count < _classifier.LargestBatch && _waiting.Reader.TryRead(out var pending))
            {
                if (!pending.TryDrop())
                {
                    batch.Add(pending);
                }
            }

            if (batch.Count > 0)
            {
                Answer(batch, worker);
            }
        }
    }

    // A thread that waits for nothing else: blocking it is the point (an idle queue adds no delay to the first text).
    private bool WaitForWork()
    {
        var ready = _waiting.Reader.WaitToReadAsync();
        return ready.IsCompletedSuccessfully ? ready.GetAwaiter().GetResult() : ready.AsTask().GetAwaiter().GetResult();
    }

    // What is known of the model is noted before anybody is answered, who may ask again at once.
    private void Answer(List<PendingClassification> batch, int worker)
    {
        var started = Stopwatch.GetTimestamp();
        var results = new Classification[batch.Count];
        if (TryClassify(batch, results, worker) is { } fault)
        {
            ReportFailure(fault, batch.Count);
            batch.ForEach(static p => p.Fail(DecisionOutcome.DefaultError));
            return;
        }

        NoteTime(Stopwatch.GetElapsedTime(started).TotalMilliseconds / batch.Count);
        var broken = 0;
        for (var i = 0; i < results.Length; i++)
        {
            broken += IsSane(batch[i], results[i]) ? 0 : 1;
        }

        if (broken > 0)
        {
            ReportFailure(new InvalidDataException("It answered with what are no probabilities."), broken);
        }
        else if (_breaker.Succeed())
        {
            LogWell(_logger, _name);
        }

        for (var i = 0; i < results.Length; i++)
        {
            if (IsSane(batch[i], results[i]))
            {
                batch[i].Complete(results[i], started);
            }
            else
            {
                batch[i].Fail(DecisionOutcome.DefaultError);
            }
        }
    }

    private static bool IsSane(PendingClassification asked, in Classification answer) => DecisionPolicy.AreProbabilities(asked.Input.Table, answer.Probabilities);

    private Exception? TryClassify(List<PendingClassification> batch, Classification[] results, int worker)
    {
        Volatile.Write(ref _begun[worker], Math.Max(1, _timeProvider.GetTimestamp()));
        try
        {
            _classifier.Classify([.. batch.Select(static p => p.Input)], results);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
        finally
        {
            Volatile.Write(ref _begun[worker], 0);
        }
    }

    private void ReportFailure(Exception fault, int count)
    {
        if (_breaker.Fail())
        {
            LogBroken(_logger, fault, _name, FailuresToOpen);
        }
        else if (!_breaker.IsOpen)
        {
            LogFailed(_logger, fault, _name, count);
        }
    }

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "The {Name} failed for {Count} prompts; they take the default route")]
    private static partial void LogFailed(ILogger logger, Exception fault, string name, int count);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Error, Message = "The {Name} failed {Failures} times in a row and is left alone, but for a try now and then; meanwhile prompts take the default route")]
    private static partial void LogBroken(ILogger logger, Exception fault, string name, int failures);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Information, Message = "The {Name} is well again")]
    private static partial void LogWell(ILogger logger, string name);
}
