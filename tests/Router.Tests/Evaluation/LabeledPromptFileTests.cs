using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Evaluation;

public sealed class LabeledPromptFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("router-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_JsonLines_TakesTextsAndConversations()
    {
        var file = Write("a.jsonl", """
            {"text":"hi","label":"general","lang":"en"}

            {"messages":[{"role":"system","content":"s"},{"role":"user","content":"sum 1 and 2"}],"route":"reasoning"}
            """);

        var prompts = LabeledPromptFile.Read(file);

        Assert.Equal([("general", 1), ("reasoning", 3)], prompts.Select(static prompt => (prompt.RouteId, prompt.Line)));
        Assert.Equal([new PromptMessage(PromptRole.System, "s"), new(PromptRole.User, "sum 1 and 2")], prompts[1].Prompt.Messages);
    }

    [Fact]
    public void Read_Csv_UnderstandsQuotedCells()
    {
        var file = Write("a.csv", "id,Text,label\r\n1,\"say \"\"hi\"\",\nplease\",general\r\n2,plain, coding \r\n");

        var prompts = LabeledPromptFile.Read(file);

        Assert.Equal([("say \"hi\",\nplease", "general", 2), ("plain", "coding", 4)], prompts.Select(static prompt => (prompt.Prompt.Messages[0].Text, prompt.RouteId, prompt.Line)));
    }

    [Fact]
    public void Read_CsvInAnyLayout_FindsItsColumnsByName()
    {
        var file = Write("a.csv", "\uFEFFSource, LABEL ,note,text\n\"a,b\",general,\"x \"\"y\"\"\",\"first\n\nthird, \"\"quoted\"\"\"\n\nc,coding,,5 in a \u00E9\n");

        var prompts = LabeledPromptFile.Read(file, "source");

        Assert.Equal(
            [("first\n\nthird, \"quoted\"", "general", "a,b", 2), ("5 in a \u00E9", "coding", "c", 6)],
            prompts.Select(static prompt => (prompt.Prompt.Messages[0].Text, prompt.RouteId, prompt.Group, prompt.Line)));
    }

    [Fact]
    public void Read_JsonLines_TakesPartsToolsAndGroup()
    {
        var file = Write("a.jsonl", """{"tools":[{}],"lang":"en","label":"x","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"},{"type":"text","text":"b"}]}]}""");

        var prompt = Assert.Single(LabeledPromptFile.Read(file, "lang"));

        Assert.Equal(("a\nb", true, true, "en"), (prompt.Prompt.Messages[0].Text, prompt.Prompt.HasImages, prompt.Prompt.HasTools, prompt.Group));
    }

    [Fact]
    public void Read_CsvWithLabelAndRoute_TakesTheLabel()
    {
        var file = Write("a.csv", "text,label,route\nhi,general,coding\n");

        Assert.Equal("general", Assert.Single(LabeledPromptFile.Read(file)).RouteId);
    }

    [Fact]
    public void Read_GroupsThatAreNoStrings_AreReadAsWritten()
    {
        var file = Write("a.jsonl", """
            {"text":"a","label":"x","turns":2}
            {"text":"b","label":"x","turns":true}
            {"text":"c","label":"x","turns":null}
            {"text":"d","label":"x"}
            """);

        Assert.Equal(["2", "true", "", ""], LabeledPromptFile.Read(file, "turns").Select(static prompt => prompt.Group));
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"label\":\"x\"}", "a.jsonl: no row has a field \"lang\"")]
    [InlineData("a.csv", "text,label\na,x", "a.csv:1: the first row names no column \"lang\"")]
    public void Read_AnAbsentGroup_SaysSo(string name, string content, string fault)
    {
        var file = Write(name, content);

        var e = Assert.Throws<FormatException>(() => LabeledPromptFile.Read(file, "lang"));

        Assert.EndsWith(fault, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"hi\",\"label\":\"x\"}\n{\"text\":", ":2:")]
    [InlineData("a.jsonl", "{\"text\":\"hi\"}", ":1:")]
    [InlineData("a.jsonl", "{\"label\":\"x\"}", ":1:")]
    [InlineData("a.jsonl", "[1]", ":1:")]
    [InlineData("a.csv", "a,b\n1,2", ":1:")]
    [InlineData("a.csv", "", ":1:")]
    [InlineData("a.csv", "text,label\nonly one", ":2:")]
    [InlineData("a.csv", "text,label\n\"never closed,x\n", ":2:")]
    public void Read_BadRow_NamesFileAndLine(string name, string content, string place)
    {
        var file = Write(name, content);

        var e = Assert.Throws<FormatException>(() => LabeledPromptFile.Read(file));

        Assert.Contains(name + place, e.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string content)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, content);
        return file;
    }
}
