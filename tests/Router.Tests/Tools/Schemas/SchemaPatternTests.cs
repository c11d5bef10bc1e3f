using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>Where regular expressions of ECMA-262 and of .NET differ.</summary>
public sealed class SchemaPatternTests
{
    [Theory]
    [InlineData("^a$", "a\n", false)]
    [InlineData(@"^\d+$", "123", true)]
    [InlineData(@"^\d$", "\u0663", false)] // a digit of another script
    [InlineData(@"^\w$", "é", false)]
    [InlineData(@"^\W$", "é", true)]
    [InlineData(@"^\W$", "😀", true)]
    [InlineData(@"^\s$", "\ufeff", true)]
    [InlineData(@"^\S$", "\ufeff", false)]
    [InlineData("^.$", "😀", true)]
    [InlineData("^.{2}$", "😀", false)]
    [InlineData("^.$", "\u2028", false)]
    [InlineData("^😀+$", "😀😀", true)]
    [InlineData("^[😀-😎]$", "😅", true)]
    [InlineData("^[😀-😎]$", "🤖", false)]
    [InlineData("^[^😀]$", "🤖", true)]
    [InlineData("^[^😀]$", "😀", false)]
    [InlineData("^[a-\U0010FFFF]$", "🤖", true)]
    [InlineData(@"^[\u{1F600}-\ud83d\ude0e]$", "😅", true)]
    [InlineData("^[^a]$", "😀", true)]
    [InlineData(@"^[\w-]+$", "a-b_9", true)]
    [InlineData(@"^[a-\d]$", "-", true)]
    [InlineData("^[a-z-[aeiou]]$", "b]", true)] // .NET would take the vowels away
    [InlineData("^[[]$", "[", true)]
    [InlineData("[]", "a", false)]
    [InlineData("^[^]$", "\n", true)]
    [InlineData("^a{,3}$", "a{,3}", true)]
    [InlineData("^a{2,3}$", "aaaa", false)]
    [InlineData("^{}$", "{}", true)]
    [InlineData(@"^\p{Letter}+$", "aé", true)]
    [InlineData(@"^\p{Lu}$", "É", true)]
    [InlineData(@"^\P{L}$", "1", true)]
    [InlineData(@"^[\p{L}\d]+$", "é1", true)]
    [InlineData(@"^\/\-\.\x41\u0042\cJ$", "/-.AB\n", true)]
    [InlineData(@"^(a)\1$", "aa", true)]
    [InlineData(@"^(?<year>\d{4})$", "2024", true)]
    [InlineData(@"^(?!foo)(?:bar)(?=baz)", "barbaz", true)]
    [InlineData(@"(?<=a)b", "ab", true)]
    [InlineData(@"\Aa\Z", "a\n", false)]
    [InlineData(@"^[\b]$", "\b", true)]
    [InlineData(" # x", "a # x", true)]
    public void IsMatch_AsInEcmaScript(string pattern, string text, bool isMatch)
    {
        Assert.True(SchemaPattern.TryCreate(pattern, out var read, out var fault), fault);

        Assert.Equal(isMatch, read.IsMatch(text));
    }

    [Theory]
    [InlineData(@"\p{Script=Greek}", "is not supported")]
    [InlineData(@"\q", "means nothing")]
    [InlineData(@"\", "ends in")]
    [InlineData(@"\u12", "hexadecimal")]
    [InlineData("[z-a]", "swap the two")]
    [InlineData("(?>a)", "begins with \"(?\"")]
    [InlineData("*", "no regular expression")]
    [InlineData(@"\1", "no regular expression")]
    public void TryCreate_NoRegularExpression_SaysSo(string pattern, string expected)
    {
        Assert.False(SchemaPattern.TryCreate(pattern, out _, out var fault));

        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_GroupsNestedDeep_IsRefused()
    {
        Assert.False(SchemaPattern.TryCreate(new string('(', 2000) + new string(')', 2000), out _, out var fault));

        Assert.Contains("nested deeper than 64", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^[a-z0-9_-]{1,64}$", false)]
    [InlineData(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$", false)]
    [InlineData("^(?!x)a$", true)]
    [InlineData("^(a{1000}){1000}$", true)]
    public void Backtracks_OnlyWhereItMust(string pattern, bool backtracks)
    {
        Assert.True(SchemaPattern.TryCreate(pattern, out var read, out var fault), fault);

        Assert.Equal(backtracks, read.Backtracks);
    }
}
