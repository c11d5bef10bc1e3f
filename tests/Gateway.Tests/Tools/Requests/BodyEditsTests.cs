using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Gateway.Tests.Tools.Rounds;
using RouterGateway.Gateway.Tools.Requests;

namespace RouterGateway.Gateway.Tests.Tools.Requests;

/// <summary>The edited body says what was asked for and, to the byte, what the caller wrote.</summary>
public sealed class BodyEditsTests
{
    private const string Hidden = """{"role":"tool","tool_call_id":"h","content":"\u00e9 \ud800"}""";

    private static readonly string[] _spaces = ["", "", " ", "\n", "\t", "\r\n  "];
    private static readonly string[] _texts = ["", "x", "é😀", "\\u0000", "\\ud83d\\ude00", "\\\"", "\\/\\n", "\u2028", "{}[],:"];
    private static readonly string[] _unknown = ["seed", "seed", "x-\\u0041", "stop", "temperature", "Tools", "tools ", "", "é", "metadata_", "tool_calls"];

    [Fact]
    public void Apply_ManyRandomBodies_ChangesWhatWasAskedForAndNothingElse()
    {
        var random = new Random(20261121);
        for (var i = 0; i < 5_000; i++)
        {
            var body = Encoding.UTF8.GetBytes(Body(random));
            var (chat, failure) = ChatRequestReader.Read(body);
            Assert.True(chat is not null, failure?.Message);
            var starts = MessageStarts(body);
            var edits = new BodyEdits
            {
                AddedTools = [.. new[] { "news", "weather" }.Where(_ => random.Next(2) == 0).Select(TestRounds.Tool)],
                AddedMessages = random.Next(2) == 0 ? default : Encoding.UTF8.GetBytes(random.Next(2) == 0 ? Hidden : $"{Hidden},{Hidden}"),
                InsertedMessages = [.. starts.Where(_ => random.Next(4) == 0).Select(static start => (start, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Hidden + ",")))],
                ToolChoice = random.Next(3) switch { 0 => "\"none\"", 1 => "\"auto\"", _ => null },
            };

            var (edited, editedChat) = edits.Apply(body, chat);

            AssertEdited(body, edited.Bytes, edits, starts);
            AssertModelReplaceable(edited.Bytes, editedChat);
            edited.Dispose();
        }
    }

    [Theory]
    [InlineData("to\\u006fls", "messages", "tool_choice", "tool_selection")]
    [InlineData("tools", "\\u006dessages", "tool\\u005fchoice", "tool_se\\u006cection")]
    public void Apply_EscapedNames_AreThoseMembers(string tools, string messages, string choice, string selection)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"{{tools}}":[],"{{choice}}":"required","{{selection}}":"auto","{{messages}}":[{"role":"user","content":"x"}]}""");
        var (chat, _) = ChatRequestReader.Read(body);

        var (edited, _) = new BodyEdits { AddedTools = [TestRounds.Tool("weather")], AddedMessages = Encoding.UTF8.GetBytes(Hidden), ToolChoice = "\"none\"" }.Apply(body, chat!);

        using (edited)
        {
            var root = JsonElement.Parse(edited.Bytes.Span);
            Assert.Equal(3, root.EnumerateObject().Count());
            Assert.Equal((1, "none", 2), (root.GetProperty("tools").GetArrayLength(), root.GetProperty("tool_choice").GetString(), root.GetProperty("messages").GetArrayLength()));
        }
    }

    private static void AssertEdited(byte[] body, ReadOnlyMemory<byte> edited, BodyEdits edits, List<int> starts)
    {
        var expected = new List<(string Name, string Value)>();
        var added = edits.AddedTools.Select(static tool => Encoding.UTF8.GetString(tool.FunctionJson.Span)).ToArray();
        foreach (var (name, value) in Members(body))
        {
            if (name is "tool_selection" or "tool_execution")
            {
                continue;
            }

            expected.Add((name, name switch
            {
                "tools" when added.Length > 0 => Join([.. Items(value), .. added]),
                "tool_choice" when edits.ToolChoice is not null => edits.ToolChoice,
                "messages" => Join([.. Items(value).SelectMany((message, i) => edits.InsertedMessages.Any(inserted => inserted.Offset == starts[i]) ? new[] { Hidden, message } : [message]),
                    .. edits.AddedMessages.IsEmpty ? [] : Items($"[{Encoding.UTF8.GetString(edits.AddedMessages.Span)}]")]),
                _ => value,
            }));
        }

        if (added.Length > 0 && expected.All(static member => member.Name != "tools"))
        {
            expected.Add(("tools", Join(added)));
        }

        if (edits.ToolChoice is { } choice && expected.Any(static member => member.Name == "tools") && expected.All(static member => member.Name != "tool_choice"))
        {
            expected.Add(("tool_choice", choice));
        }

        Assert.Equal(expected.Select(Joined), Members(edited).Select(Joined));
    }

    // white space between the items of the lists that were edited is nobody's
    private static (string Name, string Value) Joined((string Name, string Value) member) =>
        member.Name is "messages" or "tools" && member.Value != "null" ? (member.Name, Join(Items(member.Value))) : member;

    private static void AssertModelReplaceable(ReadOnlyMemory<byte> edited, ChatRequest chat)
    {
        using var rewritten = RewrittenBody.Create(edited, chat, "real/1");
        var bytes = rewritten.ToArray();
        Assert.Equal("\"real/1\"", Assert.Single(Members(bytes), static member => member.Name == "model").Value);
        Assert.Equal(Members(edited).Where(static member => member.Name != "model"), Members(bytes).Where(static member => member.Name != "model"));
    }

    private static string Join(IEnumerable<string> items) => $"[{string.Join(',', items)}]";

    private static string[] Items(string array) => array == "null" ? [] : [.. JsonElement.Parse(array).EnumerateArray().Select(static item => item.GetRawText())];

    private static List<(string Name, string Value)> Members(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.EnumerateObject().Select(static member => (member.Name, member.Value.GetRawText()))];
    }

    private static List<int> MessageStarts(byte[] body)
    {
        var (starts, isMessages) = (new List<int>(), false);
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
            isMessages = json is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } ? json.ValueTextEquals("messages"u8) : isMessages;
            if (isMessages && json is { TokenType: JsonTokenType.StartObject, CurrentDepth: 2 })
            {
                starts.Add((int)json.TokenStartIndex);
            }
        }

        return starts;
    }

    private static string Body(Random random)
    {
        var members = new List<(string Name, string Value)> { ("messages", Array(random, 1, Message)) };
        Add("model", [$"\"{Pick(random, _texts)}\"", "null"]);
        Add("tools", ["null", "[]", $"[{Pick(random, _spaces)}]", Array(random, 1, Tool)]);
        Add("tool_choice", ["null", "\"auto\"", "\"required\"", "5", """{"type":"function", "function":{"name":"x"}}""", "[[]]"]);
        Add("tool_selection", ["null", "\"auto\"", "{ \"top\" : 3 }"]);
        Add("tool_execution", ["\"gateway\"", "{\"max_rounds\":1}"]);
        Add("stream", ["true", "false", "null"]);
        members.AddRange(Enumerable.Range(0, random.Next(5)).Select(_ => (Pick(random, _unknown), Value(random, 0))));
        var shuffled = members.ToArray();
        random.Shuffle(shuffled);
        return Pick(random, _spaces) + Object(random, shuffled) + Pick(random, _spaces);

        void Add(string name, string[] values)
        {
            if (random.Next(3) > 0)
            {
                members.Add((name, Pick(random, values)));
            }
        }
    }

    private static string Message(Random random) => Object(random,
        [("role", $"\"{Pick(random, ["user", "system", "assistant", "tool"])}\""), ("content", random.Next(3) == 0 ? "null" : $"\"{Pick(random, _texts)}\""), (Pick(random, ["x", "tools", "messages", "name"]), Value(random, 0))]);

    private static string Tool(Random random) => Object(random, [("type", "\"function\""), ("function", Object(random, [("name", "\"mine\""), ("parameters", Value(random, 0)), ("tools", "[]")]))]);

    private static string Object(Random random, IEnumerable<(string Name, string Value)> members) => "{" + Pick(random, _spaces) + string.Join(",", members.Select(member =>
        $"{Pick(random, _spaces)}\"{Escape(random, member.Name)}\"{Pick(random, _spaces)}:{Pick(random, _spaces)}{member.Value}{Pick(random, _spaces)}")) + "}";

    private static string Array(Random random, int least, Func<Random, string> item) =>
        "[" + Pick(random, _spaces) + string.Join("," + Pick(random, _spaces), Enumerable.Range(0, least + random.Next(3)).Select(_ => item(random) + Pick(random, _spaces))) + "]";

    private static string Escape(Random random, string name) => name.Length == 0 || name.Contains('\\') || random.Next(4) > 0 ? name
        : random.Next(name.Length) is var at ? $"{name[..at]}\\u{(int)name[at]:x4}{name[(at + 1)..]}" : name;

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => "null",
        1 => Pick(random, ["0", "-1.50", "1e400", "12345678901234567890", "7E-2"]),
        2 => "true",
        3 or 4 => $"\"{Pick(random, _texts)}\"",
        5 => Array(random, 0, inner => Value(inner, depth + 1)),
        _ => Object(random, [(Pick(random, _unknown), Value(random, depth + 1)), (Pick(random, ["tools", "model", "x"]), Value(random, depth + 1))]),
    };

    private static string Pick(Random random, string[] values) => values[random.Next(values.Length)];
}
