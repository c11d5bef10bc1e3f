using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests.Receipts;

public sealed class CandidateReplayTests : IAsyncLifetime
{
    private const string Running = """
        {
          "router": { "classifier": "models/nano", "defaultRoute": "general" },
          "decisions": { "keepText": true },
          "clusters": { "chat": { "destinations": { "a": "http://a:8000/" } } },
          "routes": [
            { "id": "general", "description": "Chat", "cluster": "chat", "examplesFile": "chat.txt" },
            { "id": "coding", "description": "Code", "cluster": "chat", "examples": ["Write a loop"], "rules": { "keywords": ["rust"] } }
          ]
        }
        """;

    // candidates have models of their own, so these have none
    private static readonly string _candidate = Running.Replace("\"models/nano\"", "null", StringComparison.Ordinal);

    private readonly RoutesFolder _folder = new();
    private readonly FixedClassifier _classifier = new(0);
    private ServiceProvider _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _folder.AddFile("chat.txt", "Hello\nHow are you?\n");
        await StartAsync(Running);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task RunAsync_ARuleMore_SaysWhoMoves()
    {
        Add(1, "general", "classified", "Sing a song");
        Add(2, "coding", "rule", "in Rust please");
        Add(3, "general", "default-low-confidence", "Hello there");
        Add(4, "general", "cache", "One more song");

        var result = await ReplayAsync(_candidate.Replace("\"rust\"", "\"song\"", StringComparison.Ordinal));

        Assert.Empty(result.Faults);
        Assert.Equal((4, 3), (result.Replayed, result.Changed));
        Assert.Equal([new ReplayMove("general", "coding", 2), new ReplayMove("coding", "general", 1)], result.Moves);
        Assert.Equal(["id-4", "id-2", "id-1"], result.Changes.Select(static change => change.Id));
        Assert.Equal((new ReplayedDecision("general", "cache", 0), new ReplayedDecision("coding", "rule", 1)), (result.Changes[0].From, result.Changes[0].To));
        Assert.Single(_classifier.Prepared); // the running one had nothing to do with it
        Assert.Empty(_classifier.Texts);
    }

    [Fact]
    public async Task RunAsync_WhatCannotBeCompared_IsCounted()
    {
        Add(1, "coding", "pinned", "a");
        Add(2, null, "pinned", null);
        Add(3, "coding", "session", "a");
        Add(4, "general", "classified", null);
        Add(5, "general", "classified", "Hello");

        var result = await ReplayAsync(_candidate);

        Assert.Equal((1, 0, 2, 1, 1), (result.Replayed, result.Changed, result.Pinned, result.InSession, result.WithoutText));
        Assert.Empty(result.Moves);
    }

    [Fact]
    public async Task RunAsync_MoreChangesThanWanted_TheyAreCountedAll()
    {
        for (var i = 0; i < 7; i++)
        {
            Add(i, "coding", "classified", "Hello");
        }

        var result = await ReplayAsync(_candidate, mostChanges: 2);

        Assert.Equal((7, 2), (result.Changed, result.Changes.Length));
        Assert.Equal(7, Assert.Single(result.Moves).Count);
    }

    [Fact]
    public async Task RunAsync_Faults_AreAllTold()
    {
        var result = await ReplayAsync("""
            {
              "router": { "classifier": null, "defaultRoute": "generl", "deadline": 5 },
              "clusters": { "chat": { "destinations": { "a": "http://a:8000/" } } },
              "routes": [
                { "id": "general", "description": "Chat", "cluster": "chat", "examplesFile": "nowhere.txt" }
              ]
            }
            """);

        Assert.Equal(
            ["routes.json:2:51", "routes.json:2:73", "routes.json:5:82"],
            result.Faults.Select(static fault => $"{fault.File}:{fault.Line}:{fault.Column}"));
        Assert.Equal((0, ""), (result.Replayed, result.Version));
    }

    [Fact]
    public async Task RunAsync_ABrokenModel_IsAFault()
    {
        var result = await ReplayAsync(Running); // whose model is a folder of empty files

        Assert.Equal("router.classifier", Assert.Single(result.Faults).Path);
    }

    [Fact]
    public async Task RunAsync_TheRunningFileItself_HasItsVersion()
    {
        await _services.DisposeAsync();
        await StartAsync(_candidate);

        var result = await ReplayAsync(_candidate);

        var running = _services.GetRequiredService<RouteTableMonitor>().Current;
        Assert.Equal((running.Version, running.RoutingHash), (result.Version, result.RoutingHash));
    }

    [Fact]
    public async Task RunAsync_ShippedRoutes_AnotherExampleMovesAPrompt()
    {
        ShippedRoutes.SkipWithoutModels();
        Add(1, "coding", "classified", "Write a Python function that reverses a list");
        Add(2, "translation", "classified", "Translate to French: good morning");
        Add(3, "coding", "classified", "now in Rust", "Write a Python function that reverses a list\nnow in Rust");

        var same = await ReplayAsync(ShippedRoutes.Text);
        var moved = await ReplayAsync(ShippedRoutes.Text.Replace("\"id\": \"translation\",", "\"id\": \"translation\", \"rules\": { \"keywords\": [\"reverses\"] },", StringComparison.Ordinal));

        Assert.Equal((3, 0), (same.Replayed, same.Changed));
        Assert.Equal([new ReplayMove("coding", "translation", 1)], moved.Moves); // rules look at the newest ask only
    }

    [Fact]
    public void LoadCandidate_AllSettings_ItNeitherHurriesNorShares()
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(_candidate.Replace("\"keepText\": true", "\"keepText\": true, \"redis\": \"localhost:1\", \"ttl\": \"7m\"", StringComparison.Ordinal));

        var table = RouteTableLoader.LoadCandidate(_folder.RoutesFile, bytes).Table;

        Assert.NotNull(table);
        Assert.Null(table.Decisions.Redis);
        Assert.Equal((0, false, TimeSpan.FromMinutes(7)), (table.Decisions.Receipts, table.Decisions.KeepText, table.Decisions.Ttl));
        Assert.Equal(TimeSpan.FromMinutes(1), table.Settings.Deadline);
        Assert.Equal(["Hello", "How are you?"], table.RoutesById["general"].Examples);
    }

    [Fact]
    public void LoadCandidate_TooLarge_IsRefused() =>
        Assert.Equal("routes.json: is larger than 16 MiB", Assert.Single(RouteTableLoader.LoadCandidate(_folder.RoutesFile, new byte[(16 << 20) + 1]).Faults).ToString());

    [Theory]
    [InlineData("ask", "ask", "ask")]
    [InlineData("ask", "before\nask", "before|ask")]
    [InlineData("ask", "one\ntwo\nask", "one\ntwo|ask")]
    [InlineData("ask", "a cut text", "ask")]
    [InlineData("ask", "\nask", "ask")]
    [InlineData("", "", "")]
    public void PromptOf_AText_StandsInMessages(string ask, string text, string messages)
    {
        var prompt = CandidateReplay.PromptOf(Receipts.Create(1) with { HasTools = true, HasImages = true }, new DecidedText(ask, text));

        Assert.Equal(messages, string.Join('|', prompt.Messages.Select(static message => message.Text)));
        Assert.All(prompt.Messages, static message => Assert.Equal(PromptRole.User, message.Role));
        Assert.True(prompt.HasTools && prompt.HasImages);
    }

    private async Task StartAsync(string routes)
    {
        _folder.Write(routes);
        _services = new ServiceCollection().AddLogging().AddSingleton<IPromptClassifier>(_classifier).AddPromptRouter(options => options.RoutesFile = _folder.RoutesFile).BuildServiceProvider();
        var monitor = _services.GetRequiredService<RouteTableMonitor>();
        Assert.True(await monitor.ReloadAsync(Token), string.Join('\n', monitor.LastFaults));
    }

    private void Add(int number, string? route, string outcome, string? ask, string? text = null) =>
        _services.GetRequiredService<ReceiptLog>().Add(Receipts.Create(number, route, outcome) with { Text = ask is null ? null : new DecidedText(ask, text ?? ask) });

    private Task<ReplayResult> ReplayAsync(string candidate, int mostChanges = 100) =>
        _services.GetRequiredService<CandidateReplay>().RunAsync(System.Text.Encoding.UTF8.GetBytes(candidate), new ReceiptFilter(), mostChanges, Token);
}
