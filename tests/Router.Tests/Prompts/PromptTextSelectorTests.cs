using System.Collections.Immutable;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Prompts;

public sealed class PromptTextSelectorTests
{
    private const string LongAsk = "Write a Python function that reads a CSV file and returns the mean of every numeric column";

    [Fact]
    public void Select_LongNewestAsk_StandsAlone()
    {
        var text = PromptTextSelector.Select(Chat("u:Tell me about Rome", "a:Rome is old.", $"u:{LongAsk}"), TextScope.LastUser);

        Assert.Equal((LongAsk, LongAsk, false), (text.Ask, text.Text, text.IsCut));
    }

    [Fact]
    public void Select_ShortFollowUp_TakesTheAskBeforeAsContext()
    {
        var text = PromptTextSelector.Select(Chat($"u:{LongAsk}", "a:def mean(): ...", "u:do it again in Rust"), TextScope.LastUser);

        Assert.Equal("do it again in Rust", text.Ask);
        Assert.Equal($"{LongAsk}\ndo it again in Rust", text.Text);
    }

    [Fact]
    public void Select_FollowUpOfAFollowUp_GoesBackToWhatSaysEnough()
    {
        var text = PromptTextSelector.Select(Chat("u:before", $"u:{LongAsk}", "a:ok?", "u:yes", "a:which language?", "u:Rust"), TextScope.LastUser);

        Assert.Equal($"{LongAsk}\nyes\nRust", text.Text);
    }

    [Fact]
    public void Select_ToolLoop_KeepsTheAskThatStartedIt()
    {
        var text = PromptTextSelector.Select(Chat($"u:{LongAsk}", "a:", "t:{\"rows\": 3}", "a:", "t:done"), TextScope.LastUser);

        Assert.Equal(LongAsk, text.Text);
    }

    [Fact]
    public void Select_NewestMessageIsOnlyHarnessText_WalksBack()
    {
        var text = PromptTextSelector.Select(Chat($"u:{LongAsk}", "u:<system-reminder>be brief</system-reminder>"), TextScope.LastUser);

        Assert.Equal(LongAsk, text.Text);
    }

    [Fact]
    public void SelectWithContext_ALongFollowUp_TakesTheTwoAsksBefore()
    {
        var chat = Chat("u:before", $"u:{LongAsk}", "a:ok", "t:42", "u:Now add logging of every row that could not be read", "a:ok", "u:And what if the file does not exist at all?");

        Assert.Equal("And what if the file does not exist at all?", PromptTextSelector.Select(chat, TextScope.LastUser).Text);
        var text = PromptTextSelector.SelectWithContext(chat, TextScope.LastUser, PromptTextSelector.Select(chat, TextScope.LastUser))!.Value;
        Assert.Equal($"{LongAsk}\nNow add logging of every row that could not be read\nAnd what if the file does not exist at all?", text.Text);
        Assert.True(text.HasContext);
        Assert.Null(PromptTextSelector.SelectWithContext(chat, TextScope.LastTwo, PromptTextSelector.Select(chat, TextScope.LastTwo)));
    }

    [Theory]
    [InlineData]
    [InlineData("a:hi", "u:Hello there")]
    public void SelectWithContext_NothingAskedBefore_IsNull(params string[] messages) =>
        Assert.Null(PromptTextSelector.SelectWithContext(Chat(messages), TextScope.LastUser, PromptTextSelector.Select(Chat(messages), TextScope.LastUser)));

    [Theory]
    [InlineData(TextScope.LastUser)]
    [InlineData(TextScope.LastTwo)]
    public void Select_EveryTurnOfAToolLoop_IsTheSameText(TextScope scope)
    {
        string[] turns = [$"u:{LongAsk}", "a:", "t:{\"rows\": 3}", "a:reading", "t:" + new string('7', 5_000), "u:<tool_result>42</tool_result>", "a:", "t:done"];
        var first = PromptTextSelector.Select(Chat(turns[..1]), scope);
        for (var length = 2; length <= turns.Length; length++)
        {
            Assert.Equal(first, PromptTextSelector.Select(Chat(turns[..length]), scope));
        }
    }

    [Fact]
    public void Select_FileAndReminderAroundAShortFollowUp_TellsWhatWasDone()
    {
        var changes = new List<TextChange>();

        var text = PromptTextSelector.Select(Chat($"u:{LongAsk}", "a:ok", "u:<environment_context>x</environment_context>now in Rust"), TextScope.LastUser, changes);

        Assert.Equal($"{LongAsk}\nnow in Rust", text.Text);
        Assert.Equal([TextChangeKind.Stripped, TextChangeKind.Context], changes.Select(static change => change.Kind));
    }

    [Fact]
    public void Select_LastTwo_JoinsTheTwoNewestAsks()
    {
        var text = PromptTextSelector.Select(Chat("u:one", "a:x", "u:two", "a:y", $"u:{LongAsk}"), TextScope.LastTwo);

        Assert.Equal($"two\n{LongAsk}", text.Text);
    }

    [Fact]
    public void Select_Window_JoinsPersonAndModelWithoutToolsAndSystem()
    {
        var text = PromptTextSelector.Select(Chat("s:be kind", "u:one", "a:x", "t:42", "u:two"), TextScope.Window);

        Assert.Equal("one\nx\ntwo", text.Text);
    }

    [Theory]
    [InlineData]
    [InlineData("s:be kind")]
    [InlineData("a:hello", "t:42")]
    [InlineData("u:", "u:  \n")]
    public void Select_NobodyAsks_IsEmpty(params string[] messages) => Assert.Equal("", PromptTextSelector.Select(Chat(messages), TextScope.LastUser).Text);

    [Fact]
    public void Select_DefaultPrompt_IsEmpty() => Assert.Equal("", PromptTextSelector.Select(new Prompt { Messages = default }, TextScope.Window).Text);

    [Fact]
    public void Select_Megabytes_KeepsHeadAndTail()
    {
        var text = PromptTextSelector.Select(Prompt.FromText("HEAD" + new string('x', 4 << 20) + "TAIL"), TextScope.LastUser);

        Assert.True(text.IsCut);
        Assert.Equal(PromptTextSelector.LongestText, text.Text.Length);
        Assert.StartsWith("HEAD", text.Text, StringComparison.Ordinal);
        Assert.EndsWith("TAIL", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Select_ThousandsOfOddTexts_NeverThrows()
    {
        var random = new Random(7);
        string[] pieces = ["<system-reminder>", "</system-reminder>", "<", ">", "</", "<user_query>", "</user_query>", "\ud83d", "\ude00", "😀", "\0", "a", " ", "\n", "汉", "<eos>", "<turn|>", "<environment_context x", new string('z', 40_000)];
        for (var run = 0; run < 5_000; run++)
        {
            var messages = Enumerable.Range(0, random.Next(4))
                .Select(_ => new PromptMessage((PromptRole)random.Next(4), string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]))))
                .ToImmutableArray();
            foreach (var scope in Enum.GetValues<TextScope>())
            {
                var text = PromptTextSelector.Select(new Prompt { Messages = messages }, scope);

                Assert.InRange(text.Text.Length, 0, PromptTextSelector.LongestText);
            }
        }
    }

    [Theory]
    [InlineData("commit it", true)]
    [InlineData("do the same for New York, please", true)]
    [InlineData("one two three four five six seven eight nine ten eleven twelve", false)]
    [InlineData("请再用法语写一遍", true)]
    [InlineData("请用法语再写一遍这个故事谢谢你", false)]
    public void IsShorterThan_ADozenTokens_IsEstimated(string text, bool isShorter) => Assert.Equal(isShorter, PromptTextSelector.IsShorterThan(text, 12));

    private static Prompt Chat(params string[] messages) => new()
    {
        Messages = [.. messages.Select(static m => new PromptMessage(m[0] switch { 'u' => PromptRole.User, 'a' => PromptRole.Assistant, 't' => PromptRole.Tool, _ => PromptRole.System }, m[2..]))],
    };
}
