using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests.Routes;

public sealed class RouteTableMonitorTests : IAsyncLifetime
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(250);

    private readonly RoutesFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly FixedClassifier _classifier = new(0);
    private RouteTableMonitor _monitor = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _monitor = Create(_folder.RoutesFile);
        await _monitor.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _monitor.StopAsync(CancellationToken.None);
        _monitor.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task StartAsync_BadFile_ThrowsWithEveryFault()
    {
        using var folder = new RoutesFolder("{}");
        using var monitor = Create(folder.RoutesFile);

        var refused = await Assert.ThrowsAsync<RouteTableException>(() => monitor.StartAsync(Token));

        Assert.Equal(3, refused.Faults.Length);
        Assert.Contains("routes.json:1:1: clusters: is missing", refused.Message, StringComparison.Ordinal);
        Assert.False(monitor.IsLoaded);
        Assert.Throws<InvalidOperationException>(() => monitor.Current);
    }

    [Fact]
    public async Task StartAsync_BrokenModel_ThrowsWithTheReason()
    {
        using var monitor = new RouteTableMonitor(
            Options.Create(new RouterOptions { RoutesFile = _folder.RoutesFile }), new ThrowingClassifier(alsoPrepare: true), _clock, NullLogger<RouteTableMonitor>.Instance);

        var refused = await Assert.ThrowsAsync<RouteTableException>(() => monitor.StartAsync(Token));

        Assert.Equal("routes.json: router.classifier: the model is broken", Assert.Single(refused.Faults).ToString());
    }

    [Fact]
    public async Task Current_ChangedFile_IsSwappedAtTheNextTick()
    {
        var before = _monitor.Current;
        var changed = _monitor.GetChangeToken();

        _folder.Write(Edited("Hello", "Good evening"));
        await AdvanceAsync(() => _monitor.Reloads == 1, ticks: 1);

        Assert.NotSame(before, _monitor.Current);
        Assert.Contains("Good evening", _monitor.Current.RoutesById["general"].Examples);
        Assert.True(changed.HasChanged);
        Assert.False(_monitor.GetChangeToken().HasChanged);
        Assert.Equal(_clock.GetUtcNow(), _monitor.LoadedAt);
        Assert.Equal([before, _monitor.Current], _classifier.Prepared);
    }

    [Fact]
    public async Task Current_UntouchedOrRewrittenAlike_StaysTheSame()
    {
        var before = _monitor.Current;

        _folder.Write(RoutesFolder.Minimal);
        await TickAsync(3);

        Assert.Same(before, _monitor.Current);
        Assert.Equal((0, 0), (_monitor.Reloads, _monitor.RefusedReloads));
    }

    [Fact]
    public async Task Current_AtomicRename_IsSwapped()
    {
        File.WriteAllText(_folder.RoutesFile + ".new", Edited("Hello", "Good evening"));

        File.Move(_folder.RoutesFile + ".new", _folder.RoutesFile, overwrite: true);

        await AdvanceAsync(() => _monitor.Reloads == 1, ticks: 1);
    }

    [Fact]
    public async Task Current_SymlinkSwap_IsSwapped()
    {
        // as Kubernetes mounts a ConfigMap: routes.json -> ..data/routes.json, ..data -> a folder by time
        using var mount = new RoutesFolder();
        var first = mount.AddFile("..1/routes.json", RoutesFolder.Minimal);
        mount.AddFile("..2/routes.json", Edited("Hello", "Good evening"));
        File.Delete(mount.RoutesFile);
        File.CreateSymbolicLink(Path.Combine(mount.Root, "..data"), Path.GetDirectoryName(first)!);
        File.CreateSymbolicLink(mount.RoutesFile, "..data/routes.json");
        using var monitor = Create(mount.RoutesFile);
        await monitor.StartAsync(Token);

        File.Delete(Path.Combine(mount.Root, "..data"));
        File.CreateSymbolicLink(Path.Combine(mount.Root, "..data"), Path.Combine(mount.Root, "..2"));
        await AdvanceAsync(() => monitor.Reloads == 1, ticks: 8);

        Assert.Contains("Good evening", monitor.Current.RoutesById["general"].Examples);
        await monitor.StopAsync(Token);
    }

    [Fact]
    public async Task Current_ExamplesFileChanges_IsSwapped()
    {
        _folder.AddFile("more.txt", "Salut\n");
        _folder.Write(Edited("\"fallbacks\": [\"general\"]", "\"examplesFile\": \"more.txt\""));
        await AdvanceAsync(() => _monitor.Reloads == 1, ticks: 1);

        _folder.AddFile("more.txt", "Salut\nMoin\n");
        await AdvanceAsync(() => _monitor.Reloads == 2, ticks: 1);

        Assert.Contains("Moin", _monitor.Current.RoutesById["coding"].Examples);
    }

    [Fact]
    public async Task LastFaults_BadFile_IsRefusedWholeAndToldOnce()
    {
        var before = _monitor.Current;

        _folder.Write(Edited("\"cluster\": \"chat\"", "\"cluster\": \"chit\""));
        await AdvanceAsync(() => _monitor.RefusedReloads == 1, ticks: 1);
        await TickAsync(8);

        Assert.Same(before, _monitor.Current);
        Assert.Contains("\"chit\" is not defined; did you mean \"chat\"?", Assert.Single(_monitor.LastFaults).Message, StringComparison.Ordinal);
        Assert.Equal((0, 1), (_monitor.Reloads, _monitor.RefusedReloads));
    }

    [Fact]
    public async Task LastFaults_BadFileTakenBack_AreGoneAndTheTableStays()
    {
        var before = _monitor.Current;
        _folder.Write("{}");
        await AdvanceAsync(() => _monitor.RefusedReloads == 1, ticks: 1);

        _folder.Write(RoutesFolder.Minimal);
        await AdvanceAsync(() => _monitor.LastFaults.Count == 0, ticks: 1);

        Assert.Same(before, _monitor.Current);
    }

    [Fact]
    public async Task LastFaults_HalfWrittenFile_IsWaitedForAndThenTaken()
    {
        _folder.Write(Edited("Hello", "Good evening")[..200]);
        await TickAsync(4);
        Assert.Empty(_monitor.LastFaults);

        _folder.Write(Edited("Hello", "Good evening"));
        await AdvanceAsync(() => _monitor.Reloads == 1, ticks: 1);

        Assert.Equal(0, _monitor.RefusedReloads);
    }

    [Fact]
    public async Task LastFaults_FileThatStaysTruncated_IsReportedAfterAWhile()
    {
        _folder.Write(RoutesFolder.Minimal[..200]);

        await AdvanceAsync(() => _monitor.RefusedReloads == 1, ticks: 12);

        Assert.Contains("is not JSON", Assert.Single(_monitor.LastFaults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LastFaults_MissingModelFolderAppears_TheChangeIsTaken()
    {
        _folder.Write(Edited("models/sample", "models/other"));
        await AdvanceAsync(() => _monitor.RefusedReloads == 1, ticks: 1);

        Directory.Move(Path.Combine(_folder.Root, "models", "sample"), Path.Combine(_folder.Root, "models", "other"));
        await AdvanceAsync(() => _monitor.Reloads == 1, ticks: 8);

        Assert.Empty(_monitor.LastFaults);
    }

    [Fact]
    public async Task ReloadAsync_BadFile_AnswersFalseAtOnce()
    {
        _folder.Write("{");

        var taken = await _monitor.ReloadAsync(Token);

        Assert.False(taken);
        Assert.Equal(1, _monitor.RefusedReloads);
        Assert.NotEmpty(_monitor.LastFaults);
    }

    private static string Edited(string from, string to) => RoutesFolder.Minimal.Replace(from, to, StringComparison.Ordinal);

    private RouteTableMonitor Create(string file) =>
        new(Options.Create(new RouterOptions { RoutesFile = file }), _classifier, _clock, NullLogger<RouteTableMonitor>.Instance);

    // The check of a tick runs on the thread pool: it is waited for by what it brings about.
    private async Task AdvanceAsync(Func<bool> until, int ticks)
    {
        for (var tick = 0; tick < ticks; tick++)
        {
            await WaitAsync(() => _clock.Timers > 0);
            _clock.Advance(_tick);
            var deadline = TimeProvider.System.GetTimestamp();
            while (!until() && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(tick == ticks - 1 ? 20 : 0.2))
            {
                await Task.Delay(2, Token);
            }
        }

        Assert.True(until());
    }

    private async Task TickAsync(int ticks)
    {
        for (var tick = 0; tick < ticks; tick++)
        {
            _clock.Advance(_tick);
            await Task.Delay(60, Token);
        }
    }

    private static async Task WaitAsync(Func<bool> until)
    {
        while (!until())
        {
            await Task.Delay(2, Token);
        }
    }
}
