using System.Text;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Prompts;

public sealed class HarnessTextTests
{
    [Theory]
    [InlineData("fix it", "fix it")]
    [InlineData("<system-reminder>x</system-reminder>fix it", "fix it")]
    [InlineData("fix it\n<system-reminder>\nToday is Monday.\n</system-reminder>", "fix it")]
    [InlineData("<environment_context><cwd>/src</cwd></environment_context>\nfix it", "fix it")]
    [InlineData("a <system-reminder>x</system-reminder> b <system-reminder>y</system-reminder> c", "a   b   c")]
    [InlineData("<user_info>linux</user_info><user_query>\nfix it\n</user_query>", "fix it")]
    [InlineData("<context>file</context><userRequest>fix it</userRequest>", "fix it")]
    [InlineData("what does <b>bold</b> mean, if a < b?", "what does <b>bold</b> mean, if a < b?")]
    [InlineData("what is <system-reminder> for?", "what is <system-reminder> for?")]
    [InlineData("<system-reminder>only</system-reminder>", "")]
    [InlineData("<system-reminders>kept</system-reminders>", "<system-reminders>kept</system-reminders>")]
    [InlineData("<", "<")]
    [InlineData("<system-reminder", "<system-reminder")]
    [InlineData("<open_and_recently_viewed_files a=\"b\">x</open_and_recently_viewed_files>fix it", "fix it")]
    [InlineData("a <> b < c", "a <> b < c")]
    public void Strip_AMessage_KeepsWhatThePersonWrote(string text, string expected) => Assert.Equal(expected, Strip(text));

    [Fact]
    public void Strip_ManyTagsThatNeverClose_KeepsThem()
    {
        var text = new StringBuilder().Insert(0, "<system-reminder>", 200_000).Append("<user_query>").ToString();

        var kept = Strip(text); // searching to the end for each of them would take minutes

        Assert.Equal(text, kept);
    }

    [Fact]
    public void Strip_MegabytesOfAngles_KeepsThem()
    {
        var text = new string('<', 16 << 20);

        Assert.Equal(text, Strip(text));
    }

    private static string Strip(string text)
    {
        var notes = new TextNotes(null);
        return HarnessText.Strip(text, ref notes);
    }
}
