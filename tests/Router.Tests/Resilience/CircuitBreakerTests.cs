using RouterGateway.Router.Resilience;

namespace RouterGateway.Router.Tests.Resilience;

public sealed class CircuitBreakerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(_time, failuresToOpen: 3, openFor: TimeSpan.FromSeconds(1), openAtMost: TimeSpan.FromSeconds(3));

    [Fact]
    public void Fail_FailuresWithASuccessBetween_StaysClosed()
    {
        _breaker.Fail();
        _breaker.Fail();
        _breaker.Succeed();
        _breaker.Fail();
        _breaker.Fail();

        Assert.False(_breaker.IsOpen);
        Assert.True(_breaker.TryEnter());
    }

    [Fact]
    public void Fail_ThreeInARow_OpensOnce()
    {
        bool[] opened = [_breaker.Fail(), _breaker.Fail(), _breaker.Fail(), _breaker.Fail()];

        Assert.Equal([false, false, true, false], opened);
        Assert.False(_breaker.TryEnter());
    }

    [Fact]
    public void TryEnter_OpenForASecond_LetsOneProbeIn()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(1));

        bool[] entered = [_breaker.TryEnter(), _breaker.TryEnter()];

        Assert.Equal([true, false], entered);
        Assert.True(_breaker.IsOpen);
    }

    [Fact]
    public void TryEnter_AProbeThatNeverReports_IsFollowedByAnother()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(1));
        _breaker.TryEnter();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(_breaker.TryEnter());
    }

    [Fact]
    public void Succeed_AProbe_Closes()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(1));
        _breaker.TryEnter();

        Assert.True(_breaker.Succeed());
        Assert.True(_breaker.TryEnter());
        Assert.False(_breaker.Succeed());
    }

    [Fact]
    public void Fail_ProbesThatFail_WaitLongerAndNotForEver()
    {
        Open();
        var waits = new List<double>();
        for (var probe = 0; probe < 4; probe++)
        {
            var waited = 0.0;
            while (!_breaker.TryEnter())
            {
                _time.Advance(TimeSpan.FromSeconds(0.5));
                waited += 0.5;
            }

            waits.Add(waited);
            _breaker.Fail();
        }

        Assert.Equal([1, 2, 3, 3], waits);
    }

    [Fact]
    public void Fail_OfThoseLetInBefore_DoesNotPutOffTheProbe()
    {
        Open();
        for (var i = 0; i < 20; i++)
        {
            _breaker.Fail();
        }

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(_breaker.TryEnter());
    }

    private void Open()
    {
        for (var i = 0; i < 3; i++)
        {
            _breaker.Fail();
        }
    }
}
