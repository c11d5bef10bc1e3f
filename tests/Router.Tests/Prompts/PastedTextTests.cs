using System.Text;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Prompts;

public sealed class PastedTextTests
{
    private static readonly string _code = string.Concat(Enumerable.Range(0, 400).Select(static i => $"var value{i} = Compute({i});\n"));
    private static readonly string _log = string.Concat(Enumerable.Range(0, 300).Select(static i => $"2026-11-21 09:{i / 60:00}:{i % 60:00} INFO request {i} took {i * 7} ms\n"));

    [Theory]
    [InlineData("```csharp\n", "\n```\n")]
    [InlineData("~~~\n", "\n~~~\n")]
    [InlineData("<file path=\"a.cs\">", "</file>")]
    [InlineData("<document>", "</document>")]
    public void Sample_AskBetweenTwoFiles_KeepsAskAndBothEndsOfEachFile(string open, string close)
    {
        var (text, changes) = Sample($"{open}FIRST {_code} END1{close}Why does this never end?\n{open}SECOND {_code} END2{close}");

        Assert.Contains("Why does this never end?", text, StringComparison.Ordinal);
        Assert.All(["FIRST", "END1", "SECOND", "END2"], end => Assert.Contains(end, text, StringComparison.Ordinal));
        Assert.InRange(text.Length, 400, 700);
        Assert.Equal([TextChangeKind.Sampled, TextChangeKind.Sampled], changes.Select(static change => change.Kind));
    }

    [Fact]
    public void Sample_LongLog_KeepsItsEndsAndTheAsk()
    {
        var (text, changes) = Sample($"{_log}What went wrong here?\n{_log}");

        Assert.Contains("\nWhat went wrong here?\n", text, StringComparison.Ordinal);
        Assert.Contains("request 0 took", text, StringComparison.Ordinal);
        Assert.Contains("request 299 took", text, StringComparison.Ordinal);
        Assert.Equal(7, text.TrimEnd().Split('\n').Length);
        Assert.Equal(["a log of 601 lines"], changes.Select(static change => change.What));
    }

    [Fact]
    public void Sample_LogWithAStackTrace_IsOneLogAndKeepsItsWords()
    {
        var (text, changes) = Sample($"{_log[..3000]}\nUnhandled exception\n   at System.Linq.First()\n   at Shop.Total()\n{_log[..3000]}");

        Assert.Single(changes);
        Assert.Contains("Unhandled exception", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 200, 600);
    }

    [Fact]
    public void Sample_LongProse_IsLeftAlone()
    {
        var prose = string.Concat(Enumerable.Repeat("It was a dark and stormy night, and nobody came.\n", 200));

        Assert.Equal(prose, Sample(prose).Text);
    }

    [Theory]
    [InlineData("```\nvar a = 1;\n```\nfix it")]
    [InlineData("<file>a</file> fix it")]
    public void Sample_ShortText_IsLeftAlone(string text) => Assert.Equal(text, Sample(text).Text);

    [Fact]
    public void Sample_FileThatIsAllThereIs_KeepsWhatAModelReads()
    {
        var (text, _) = Sample($"```\n{_code}\n```\nfix it");

        Assert.InRange(text.Length, 600, 700);
    }

    [Theory]
    [InlineData("<file>")]
    [InlineData("```\n")]
    [InlineData("<document></document>")]
    [InlineData("```\n```\n")]
    [InlineData("1\n")]
    [InlineData("\n")]
    public void Sample_ManyOfAKind_TakesNoTime(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, 60_000).ToString();

        Assert.InRange(Sample(text).Text.Length, 1, text.Length);
    }

    [Theory]
    [InlineData("<log ")]
    [InlineData("<file ")]
    public void Sample_AMegabyteOfTagsThatDoNotEnd_GivesTheTextBack(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, (1 << 20) / piece.Length).Append('>').ToString();

        Assert.Equal(text, Sample(text).Text); // searching to the end for each of them would take minutes
    }

    private static (string Text, List<TextChange> Changes) Sample(string text)
    {
        var changes = new List<TextChange>();
        var notes = new TextNotes(changes);
        var sampled = PastedText.Sample(text, ref notes);
        Assert.Equal(changes.Count > 0, notes.IsCut);
        return (sampled, changes);
    }
}
