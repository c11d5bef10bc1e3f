using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Tests.Prompts;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData(""" "plain \" \\ \/ \b\f\n\r\t" """, "plain \" \\ / \b\f\n\r\t")]
    [InlineData(""" "\u00e9\u6F22\ud83d\uDE00é漢😀" """, "é漢😀é漢😀")]
    [InlineData(""" "a\ud83d" """, "a\uFFFD")]
    [InlineData(""" "\ude00\ud83d\ude00\uD83Db\n" """, "\uFFFD😀\uFFFDb\n")]
    [InlineData(""" "\ud83d\ud83d\ude00" """, "\uFFFD😀")]
    [InlineData(""" "\\ud83d" """, "\\ud83d")]
    [InlineData(""" "" """, "")]
    public void OfAndNameOf_AnyText_IsReadWithoutExceptions(string json, string expected)
    {
        var value = JsonElement.Parse(json);
        var member = JsonElement.Parse($"{{{json}:[\"{{\\\"\"]}}").EnumerateObject().Single();
        var (thrown, thread) = (0, Environment.CurrentManagedThreadId);
        AppDomain.CurrentDomain.FirstChanceException += Count;

        var (text, name) = (JsonText.Of(value), JsonText.NameOf(member));

        AppDomain.CurrentDomain.FirstChanceException -= Count;
        Assert.Equal((expected, expected, 0), (text, name, thrown));

        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) =>
            thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
    }

    [Theory]
    [InlineData("""{"\ud800":1,"model":2,"x":3}""", 2)]
    [InlineData("""{"model":1,"mod\u0065l":2,"\udc00model":3,"model\udc00":4,"mode":5,"modell":6}""", 2)]
    [InlineData("""{"\u006D\u006f\u0064\u0065\u006C":1}""", 1)]
    [InlineData("""{"Model":1,"\\model":2,"m\nodel":3,"mod\u0065":4,"mod\u0065ll":5,"\ud83d\ude00":6}""", null)]
    [InlineData("""{}""", null)]
    public void TryGet_OfSeveralWithOneName_FindsTheLast(string json, int? expected)
    {
        var found = JsonText.TryGet(JsonElement.Parse(json), "model", out var value);

        Assert.Equal((expected is not null, expected), (found, found ? value.GetInt32() : null));
    }

    [Fact]
    public void TryGet_AMillionNamesOfHalfSurrogates_TakesNoTime()
    {
        var json = new StringBuilder("{\"model\":1");
        for (var i = 0; i < 1_000_000; i++)
        {
            json.Append(",\"\\ud800\":0");
        }

        var element = JsonElement.Parse(json.Append('}').ToString());

        for (var lookup = 0; lookup < 20; lookup++)
        {
            Assert.True(JsonText.TryGet(element, "model", out _));
            Assert.False(JsonText.TryGet(element, "seed", out _));
        }
    }
}
