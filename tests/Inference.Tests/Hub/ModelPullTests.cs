using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.Hub;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Hub;

/// <summary>Pulls from a real hub on the loopback.</summary>
public sealed class ModelPullTests : IAsyncLifetime
{
    private static readonly string[] _needed =
    [
        "chat_template.jinja", "config.json", "onnx/decoder_model_merged_q4.onnx", HubRepository.Weights, "onnx/embed_tokens_q4.onnx", "tokenizer.json", "tokenizer_config.json",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<TimeSpan> _delays = [];
    private TestHub _hub = null!;

    private string Target => _folder.File("tiny");

    public async ValueTask InitializeAsync() => _hub = await HubRepository.StartTwoGraphsAsync();

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2)]
    public async Task Run_TwoGraphs_FetchesWhatATextModelNeedsAndNothingElse(int pageSize)
    {
        _hub.PageSize = pageSize;

        var (manifest, isNew) = await PullAsync();

        Assert.True(isNew);
        Assert.Equal(_needed, FilesOf(Target).Where(static file => file != PulledManifest.FileName));
        Assert.All(_needed, file => Assert.Equal(_hub.Content(file), File.ReadAllBytes(Path.Combine(Target, file))));
        Assert.Equal([.. _needed.Select(file => new PulledFile(file, _hub.Content(file).Length, HubRepository.Sha256(_hub.Content(file))))], manifest.Files);
        Assert.Equal((_hub.Repository, "main", TestHub.Commit, "q4"), (manifest.Repository, manifest.Revision, manifest.Commit, manifest.Dtype));
        Assert.Equivalent(manifest, PulledManifest.TryRead(Target));
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_folder.Path)); // neither parts nor lock
        Assert.Equal(ModelKind.TwoGraphGeneration, ModelInspection.Read(Target).Kind);
    }

    [Fact]
    public async Task Run_TheListTellsTheCommit_FilesAreAskedForOfThatCommit()
    {
        await PullAsync();

        Assert.All(_hub.Requests.Where(static request => request.Path.Contains("/resolve/", StringComparison.Ordinal)), static request => Assert.Contains($"/resolve/{TestHub.Commit}/", request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NobodyTellsTheCommit_ItIsUnknown()
    {
        _hub.TellsCommit = false;

        var (manifest, _) = await PullAsync();

        Assert.Null(manifest.Commit);
    }

    [Fact]
    public async Task Run_ACompleteFolder_IsLeftAloneUnlessForced()
    {
        await PullAsync();
        await File.WriteAllTextAsync(Path.Combine(Target, "mine.txt"), "");
        var asked = _hub.Requests.Count;

        var again = await PullAsync();
        var askedAgain = _hub.Requests.Count;
        var forced = await PullAsync(Options() with { IsForced = true });

        Assert.Equal((false, asked, true), (again.IsNew, askedAgain, forced.IsNew));
        Assert.False(File.Exists(Path.Combine(Target, "mine.txt")));
        Assert.Equal(2, _hub.TimesAsked(HubRepository.Weights));
    }

    [Fact]
    public async Task Run_AFolderThatLacksAFile_IsFetchedAgain()
    {
        await PullAsync();
        File.Delete(Path.Combine(Target, "config.json"));

        var (_, isNew) = await PullAsync();

        Assert.True(isNew);
        Assert.True(File.Exists(Path.Combine(Target, "config.json")));
    }

    [Fact]
    public async Task Run_AnotherModelIsThere_IsNotReplaced()
    {
        await PullAsync();

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { Dtype = "fp16" }));

        Assert.Contains("holds acme/tiny, revision main, q4, which is not what is asked for", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "was not pulled: --force replaces")]
    [InlineData(true, "is no model's folder, and is not replaced")]
    public async Task Run_AFolderOfSomethingElse_IsLeftAlone(bool isForced, string message)
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "thesis.txt"), "");

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { IsForced = isForced }));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], FilesOf(Target));
    }

    [Fact]
    public async Task Run_Interrupted_KeepsThePartsAndGoesOnWithThem()
    {
        const int CutBytes = 1_000_000;
        using var stop = new CancellationTokenSource();
        _hub.StallAfter = static (file, times) => file == HubRepository.Weights && times == 1 ? CutBytes : null;
        var interrupt = new ProgressCall(progress => { if (progress is { File: HubRepository.Weights, DoneBytes: CutBytes }) { stop.Cancel(); } });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ModelPull(Options()).RunAsync(interrupt, stop.Token));
        var kept = new FileInfo(Path.Combine(Target + ".partial", HubRepository.Weights + ".part")).Length;
        var existed = Directory.Exists(Target);
        var (_, isNew) = await PullAsync();

        Assert.Equal((CutBytes, false, true), (kept, existed, isNew));
        Assert.Equal(_hub.Content(HubRepository.Weights).Length, _hub.BytesServed(HubRepository.Weights));
        Assert.Contains(_hub.Requests, static request => request is { Range: "bytes=1000000-", IfRange.Length: > 0 });
        Assert.Equal(_hub.Content(HubRepository.Weights), await File.ReadAllBytesAsync(Path.Combine(Target, HubRepository.Weights)));
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_InterruptedAndTheFileChangesOrTheHubKnowsNoRanges_ItIsBegunAnew(bool isChanged)
    {
        await InterruptAsync();
        _hub.KnowsRanges = isChanged;
        var content = isChanged ? HubRepository.RandomBytes(2_000_000, 2) : _hub.Content(HubRepository.Weights);
        _hub.Add(HubRepository.Weights, content);

        await PullAsync();

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(Target, HubRepository.Weights)));
        Assert.Equal(1_000_000 + content.Length, _hub.BytesServed(HubRepository.Weights));
        Assert.Equal(isChanged ? 0 : 1, _hub.Requests.Count(static request => request.Range is not null && request.Path.EndsWith(HubRepository.Weights, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_InterruptedAndGoneOnWithAnotherKind_LeavesNothingOfTheFirst()
    {
        await InterruptAsync();
        _hub.Add("onnx/decoder_model_merged_int8.onnx", _hub.Content("onnx/decoder_model_merged_q4.onnx"));
        _hub.Add("onnx/embed_tokens_int8.onnx", _hub.Content("onnx/embed_tokens_q4.onnx"));

        await PullAsync(Options() with { Dtype = "int8" });

        Assert.DoesNotContain(FilesOf(Target), static file => file.Contains("_q4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_TheConnectionIsCut_GoesOn()
    {
        _hub.CutAfter = static (file, times) => file == HubRepository.Weights && times < 3 ? 500_000 : null;

        await PullAsync();

        Assert.Equal(_hub.Content(HubRepository.Weights), await File.ReadAllBytesAsync(Path.Combine(Target, HubRepository.Weights)));
        Assert.Equal(3, _hub.TimesAsked(HubRepository.Weights));
    }

    [Fact]
    public async Task Run_NothingComes_IsAskedForAgain()
    {
        _hub.StallAfter = static (file, times) => file == HubRepository.Weights && times == 1 ? 1_000_000 : null;

        await PullAsync(Options() with { ReadTimeout = TimeSpan.FromSeconds(1) });

        Assert.Equal(_hub.Content(HubRepository.Weights), await File.ReadAllBytesAsync(Path.Combine(Target, HubRepository.Weights)));
        Assert.True(_hub.TimesAsked(HubRepository.Weights) >= 2);
    }

    [Fact]
    public async Task Run_TheHubNeverAnswers_IsGivenUp()
    {
        _hub.Before = static async (context, _) =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return true;
        };

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { ReadTimeout = TimeSpan.FromMilliseconds(50), MostTries = 3 }));

        Assert.Contains($"{_hub.Address}/api/models/acme/tiny/tree/main did not answer within 0.1 s, 3 times in a row", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Run_AFileComesDamagedOnce_IsFetchedAgain()
    {
        _hub.Damage = static (file, times, content) => file is "config.json" or HubRepository.Weights && times == 1 ? Damaged(content) : content;

        await PullAsync();

        Assert.Equal((2, 2), (_hub.TimesAsked("config.json"), _hub.TimesAsked(HubRepository.Weights)));
        Assert.All(["config.json", HubRepository.Weights], file => Assert.Equal(_hub.Content(file), File.ReadAllBytes(Path.Combine(Target, file))));
    }

    [Theory]
    [InlineData("config.json", false, "git blob")]
    [InlineData(HubRepository.Weights, false, "SHA-256")]
    [InlineData(HubRepository.Weights, true, "SHA-256")]
    public async Task Run_AFileComesDamagedAlways_IsDeletedAndSaid(string damaged, bool isLonger, string hash)
    {
        _hub.Damage = (file, _, content) => file != damaged ? content : isLonger ? [.. content, 1] : Damaged(content);

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());

        Assert.Contains($"\"{damaged}\" of acme/tiny came twice with another content than the hub lists", fault.Message, StringComparison.Ordinal);
        Assert.Contains(hash, fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, _hub.TimesAsked(damaged));
        Assert.False(Directory.Exists(Target));
        Assert.DoesNotContain(FilesOf(Target + ".partial"), file => file.StartsWith(damaged + ".part", StringComparison.Ordinal) || file == damaged);
    }

    [Theory]
    [InlineData(401, null, "accept its licence at {hub}/acme/tiny, and set HF_TOKEN, which is not set")]
    [InlineData(403, null, "accept its licence at {hub}/acme/tiny, and set HF_TOKEN, which is not set")]
    [InlineData(401, "hf_secret", "The token in HF_TOKEN is not accepted")]
    [InlineData(403, "hf_secret", "accept the licence at {hub}/acme/tiny")]
    [InlineData(404, null, "{hub}/api/models/acme/tiny/tree/main answered 404 (\"oh no\"): there is no such repository, revision or file")]
    [InlineData(418, null, "is HF_ENDPOINT ({hub}/) the address of a Hugging Face-compatible hub?")]
    public async Task Run_TheHubRefuses_SaysWhatToDo(int status, string? token, string message)
    {
        _hub.Before = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["X-Error-Message"] = "oh no";
            return Task.FromResult(true);
        };

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { Token = token }));

        Assert.Contains(message.Replace("{hub}", _hub.Address, StringComparison.Ordinal), fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", fault.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task Run_TheHubIsBusy_WaitsAsLongAsItSays()
    {
        var answers = new Queue<(int Status, string? RetryAfter)>([(429, "7"), (500, null), (503, null)]);
        _hub.Before = (context, _) =>
        {
            if (!answers.TryDequeue(out var answer))
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = answer.Status;
            context.Response.Headers.RetryAfter = answer.RetryAfter;
            return Task.FromResult(true);
        };

        await PullAsync();

        Assert.Equal([7, 2, 4], _delays.Select(static delay => delay.TotalSeconds));
    }

    [Theory]
    [InlineData(500, null, "answered 500, 6 times in a row", 6)]
    [InlineData(429, "86400", "answered 429 and asks to wait 1440 minutes", 1)]
    public async Task Run_TheHubStaysBusy_IsGivenUp(int status, string? retryAfter, string message, int requests)
    {
        _hub.Before = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(requests, _hub.Requests.Count);
    }

    [Fact]
    public async Task Run_LargeFilesAreOnAnotherHost_TheTokenIsNotShownThere()
    {
        await using var storage = await HubRepository.StartTwoGraphsAsync();
        (_hub.Storage, storage.TellsCommit) = (storage, false);

        var (manifest, _) = await PullAsync(Options() with { Token = " hf_secret\n" });

        Assert.Equal(3_000_000, storage.BytesServed(HubRepository.Weights));
        Assert.Equal(TestHub.Commit, manifest.Commit);
        Assert.All(_hub.Requests, static request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.All(storage.Requests, static request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Run_ASignedAddressRanOut_TheHubIsAskedForAnother()
    {
        await using var storage = await HubRepository.StartTwoGraphsAsync();
        var refusals = 0;
        _hub.Storage = storage;
        storage.Before = (context, path) =>
        {
            var isRefused = path.EndsWith(HubRepository.Weights, StringComparison.Ordinal) && Interlocked.Increment(ref refusals) == 1;
            context.Response.StatusCode = isRefused ? 403 : 200;
            return Task.FromResult(isRefused);
        };

        var (_, isNew) = await PullAsync();

        Assert.True(isNew);
        Assert.Equal(2, _hub.Requests.Count(static request => request.Path.EndsWith(HubRepository.Weights, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/elsewhere", "cannot be reached")]
    [InlineData("ftp://127.0.0.1/elsewhere", "which is not encrypted")]
    [InlineData("", "redirects without end")]
    public async Task Run_ARedirectionLeadsNowhere_IsSaid(string location, string message)
    {
        _hub.Before = (context, _) =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location.Length > 0 ? location : context.Request.Path.Value;
            return Task.FromResult(true);
        };

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("/etc/outside.json")]
    [InlineData("onnx/../../outside.json")]
    [InlineData("..\\\\outside.json")]
    [InlineData("a//outside.json")]
    [InlineData("a/./outside.json")]
    [InlineData("")]
    public async Task Run_AListWithAPathThatLeadsOutside_NothingIsFetched(string path)
    {
        _hub.ListedToo.Add($$"""{"type":"file","oid":"{{new string('0', 40)}}","size":5,"path":"{{path}}"}""");

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());

        Assert.Contains("leads outside of the repository", fault.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("<http://127.0.0.1:1/api>; rel=\"next\"", "[]", "on another host")]
    [InlineData("", "<html>", "is no list of files")]
    [InlineData("", "{\"error\":\"no\"}", "is no list of files")]
    [InlineData("", "[{\"type\":\"file\",\"path\":\"config.json\",\"size\":-1,\"oid\":\"x\"}]", "without a size")]
    [InlineData("", "[{\"type\":\"file\",\"path\":\"onnx/model.onnx\",\"size\":1,\"oid\":\"x\"}]", "tells no SHA-256 of \"onnx/model.onnx\"")]
    [InlineData("", "[]", "acme/tiny holds no model that can be run here")]
    public async Task Run_AListThatNoHubGives_IsSaid(string link, string list, string message)
    {
        _hub.Before = async (context, _) =>
        {
            context.Response.Headers.Link = link;
            await context.Response.WriteAsync(list);
            return true;
        };

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TooLittleRoom_SaysHowMuchBeforeAnythingIsFetched()
    {
        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { FreeBytes = static _ => 1_200_000 }));

        var needed = _needed.Sum(file => _hub.Content(file).Length) / 1e6;
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"needs {needed:N1} MB more"), fault.Message, StringComparison.Ordinal);
        Assert.Contains("1.2 MB are free", fault.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task Run_PartsAreHere_OnlyTheRestNeedsRoom()
    {
        await InterruptAsync();
        var whole = _needed.Sum(file => _hub.Content(file).Length);

        var (_, isNew) = await PullAsync(Options() with { FreeBytes = _ => whole - 1_000_000 });

        Assert.True(isNew);
    }

    [Fact]
    public async Task Run_AnotherPullIsUnderWay_SaysSo()
    {
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hub.StallAfter = static (file, _) => file == HubRepository.Weights ? 1_000_000 : null;
        var first = new ModelPull(Options()).RunAsync(new ProgressCall(progress => { if (progress.DoneBytes == 1_000_000) { begun.TrySetResult(); } }), stop.Token);
        await begun.Task;

        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Assert.Contains("is being pulled or removed by another process", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target + ".lock"));
    }

    [Fact]
    public async Task Run_GenAILayout_FetchesTheGraphsThatItNames()
    {
        _hub.Add("cpu/genai_config.json", """{"model":{"decoder":{"filename":"text.onnx"}}}""");
        _hub.Add("cuda/genai_config.json", """{"model":{"decoder":{"filename":"text.onnx"}}}""");
        foreach (var file in new[] { "cpu/text.onnx", "cpu/unused.onnx", "cuda/text.onnx" })
        {
            _hub.Add(file, _hub.Content("onnx/embed_tokens_q4.onnx"));
        }

        _hub.Add("cpu/text.onnx.data", HubRepository.RandomBytes(1000, 3), isLarge: true);
        _hub.Add("cpu/tokenizer.json", "{}");

        var (manifest, _) = await PullAsync();
        var fault = await Assert.ThrowsAsync<HubException>(() => PullAsync(Options() with { Subfolder = "cuda" }));

        Assert.Equal("cpu", manifest.Subfolder);
        Assert.Contains("which is not what is asked for", fault.Message, StringComparison.Ordinal);
        Assert.Equal([PulledManifest.FileName, "genai_config.json", "text.onnx", "text.onnx.data", "tokenizer.json"], FilesOf(Target));
    }

    [Fact]
    public async Task Run_AGraphNeedsAFileThatIsNotNamedAfterIt_ItIsFetchedToo()
    {
        using var folder = new TinyGemma(external: true).Write();
        await using var hub = await TestHub.StartAsync();
        foreach (var file in FilesOf(folder.Path))
        {
            hub.Add(file, await File.ReadAllBytesAsync(folder.File(file)));
        }

        var data = GraphFacts.Read(folder.File("model.onnx")).ExternalFiles;
        await PullAsync(Options() with { Endpoint = hub.Address });

        Assert.NotEmpty(data);
        Assert.Subset(FilesOf(Target).ToHashSet(), data.ToHashSet());
    }

    [Theory]
    [InlineData("tiny", "\"tiny\" is no model: name a repository as owner/name, or one of gemma-4-e2b")]
    [InlineData("a/b/c", "is no model")]
    [InlineData("../tiny", "is no model")]
    [InlineData("acme/..", "is no model")]
    [InlineData("acme/ti ny", "is no model")]
    [InlineData("https://hub/acme", "is no model")]
    public void Constructor_NoRepository_IsRefused(string model, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new ModelPull(Options() with { Model = model })).Message, StringComparison.Ordinal);

    [Fact]
    public void Constructor_OptionsThatMakeNoSense_AreRefused()
    {
        Assert.All(
            new[] { Options() with { Name = "../x" }, Options() with { Name = "x.partial" }, Options() with { Name = "" }, Options() with { Revision = "../.." }, Options() with { Revision = "" }, Options() with { Dtype = "q4/.." }, Options() with { Parallel = 0 } },
            static options => Assert.Throws<ArgumentException>(() => new ModelPull(options)));
    }

    [Theory]
    [InlineData("hub", null, "HF_ENDPOINT is no address")]
    [InlineData("ftp://hub", null, "HF_ENDPOINT is no address")]
    [InlineData("http://me:secret@hub", null, "HF_ENDPOINT is no address")]
    [InlineData("http://hub", "a\nb", "HF_TOKEN holds what no token can")]
    public async Task Run_WrongSettings_AreRefused(string endpoint, string? token, string message)
    {
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => PullAsync(Options() with { Endpoint = endpoint, Token = token }));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_AnAlias_IsItsFoldersName()
    {
        var pull = new ModelPull(Options() with { Model = "Gemma-4-E2B" });

        Assert.Equal(_folder.File("gemma-4-e2b"), pull.Folder);
    }

    [Fact]
    public void Options_Defaults_AreThoseOfTheHub()
    {
        var options = new ModelPullOptions { Model = "" };

        Assert.Equal(("main", "models", 4, "https://huggingface.co", TimeSpan.FromSeconds(30)), (options.Revision, options.ParentFolder, options.Parallel, options.Endpoint, options.ReadTimeout));
        Assert.True(options.FreeBytes(Path.GetTempPath()) > 0);
    }

    private static byte[] Damaged(byte[] content)
    {
        content[content.Length / 2] ^= 1;
        return content;
    }

    private static string[] FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];

    private ModelPullOptions Options() => new()
    {
        Model = _hub.Repository,
        ParentFolder = _folder.Path,
        Endpoint = _hub.Address,
        HasCuda = static () => false,
        DelayAsync = (delay, _) =>
        {
            _delays.Enqueue(delay);
            return Task.CompletedTask;
        },
    };

    private Task<(PulledManifest Manifest, bool IsNew)> PullAsync(ModelPullOptions? options = null) => new ModelPull(options ?? Options()).RunAsync(null, CancellationToken.None);

    // a part of 1 MB of the weights is left
    private async Task InterruptAsync()
    {
        using var stop = new CancellationTokenSource();
        _hub.StallAfter = static (file, _) => file == HubRepository.Weights ? 1_000_000 : null;
        var interrupt = new ProgressCall(progress => { if (progress is { File: HubRepository.Weights, DoneBytes: 1_000_000 }) { stop.Cancel(); } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ModelPull(Options()).RunAsync(interrupt, stop.Token));
        _hub.StallAfter = null;
    }

    private sealed class ProgressCall(Action<PullProgress> report) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => report(value);
    }
}
