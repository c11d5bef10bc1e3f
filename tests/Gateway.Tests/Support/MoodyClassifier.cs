using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>Is sure of the second route; or stuck, slow, broken or poisoned, as it is told.</summary>
internal sealed class MoodyClassifier : IPromptClassifier, IDisposable
{
    private readonly ManualResetEventSlim _free = new(initialState: true);
    private readonly ManualResetEventSlim _never = new();
    private volatile Mood _mood;
    private int _calls;

    public enum Mood
    {
        Well,
        Stuck,
        Slow,
        Throwing,
        Poisoned,
    }

    public string Device => "cpu";

    public int LargestBatch => 1;

    public int Calls => Volatile.Read(ref _calls);

    public void Become(Mood mood)
    {
        _mood = mood;
        if (mood == Mood.Stuck)
        {
            _free.Reset();
        }
        else
        {
            _free.Set();
        }
    }

    public void Dispose()
    {
        _free.Set();
        _free.Dispose();
        _never.Dispose();
    }

    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification> results)
    {
        Interlocked.Increment(ref _calls);
        switch (_mood)
        {
            case Mood.Stuck:
                _free.Wait();
                break;
            case Mood.Slow:
                _never.Wait(TimeSpan.FromMilliseconds(20));
                break;
            case Mood.Throwing:
                throw new InvalidOperationException("the session is broken");
        }

        for (var i = 0; i < batch.Length; i++)
        {
            var probabilities = batch[i].Table.Routes.Select((_, route) => _mood == Mood.Poisoned ? double.NaN : route == 1 ? 1.0 : 0.0);
            results[i] = new Classification([.. probabilities], 3, false, 0, 0, 0);
        }
    }
}
