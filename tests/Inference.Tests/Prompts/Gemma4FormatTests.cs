using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Prompts;

public sealed class Gemma4FormatTests : IDisposable
{
    private const string ReadFile = """{"type":"object","properties":{"path":{"type":"string","description":"Path."}},"required":["path"]}""";

    private readonly TemporaryFolder _folder = Gemma4Format.CopyOf("sample-coding");
    private readonly GenerationModel _model;

    public Gemma4FormatTests() => _model = GenerationModel.Load(_folder.Path, DevicePreference.Cpu, NullLogger.Instance);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Encode_AUser_HasAnEmptyThoughtBeforeTheAnswer() =>
        Check(new([new("user", "Hello.")]), "<bos><|turn>user\nHello.<turn|>\n<|turn>model\n<|channel>thought\n<channel|>");

    [Fact]
    public void Encode_Thinking_SaysSoInTheSystemTurnAndLeavesTheThoughtToTheModel() =>
        Check(new([new("user", "Hello.")]) { EnableThinking = true }, "<bos><|turn>system\n<|think|>\n<turn|>\n<|turn>user\nHello.<turn|>\n<|turn>model\n");

    [Fact]
    public void Encode_NoThinking_IsAsWithoutAWord() =>
        Check(new([new("user", "Hello.")]) { EnableThinking = false }, "<bos><|turn>user\nHello.<turn|>\n<|turn>model\n<|channel>thought\n<channel|>");

    [Fact]
    public void Encode_ASystem_IsATurnOfItsOwn() =>
        Check(new([new("system", " You route.\n"), new("user", "Hello.")]), "<bos><|turn>system\nYou route.<turn|>\n<|turn>user\nHello.<turn|>\n<|turn>model\n<|channel>thought\n<channel|>");

    [Fact]
    public void Encode_Tools_AreDeclaredInTheSystemTurn() => Check(
        new([new("user", "Hello.")]) { Tools = [new("read_file", "Read a file.", JsonElement.Parse(ReadFile))] },
        """
        <bos><|turn>system
        <|tool>declaration:read_file{description:<|"|>Read a file.<|"|>,parameters:{properties:{path:{description:<|"|>Path.<|"|>,type:<|"|>STRING<|"|>}},required:[<|"|>path<|"|>],type:<|"|>OBJECT<|"|>}}<tool|><turn|>
        <|turn>user
        Hello.<turn|>
        <|turn>model
        <|channel>thought
        <channel|>
        """);

    [Fact]
    public void Encode_ToolsOfManyKinds_AreSortedLikeJinjaDoesIt() => Check(
        new([new("system", "S"), new("user", "u")])
        {
            Tools =
            [
                new("now", "", null),
                new("today", "", JsonElement.Parse("""{"type":"object","properties":{}}""")),
                new("find", "Find.", JsonElement.Parse("""{"$schema":"x","type":"object","properties":{"fileName":{"type":"string","enum":["a b","c"]},"filename":{"type":"integer"},"Depth":{"type":"array","items":{"type":"number"}}},"additionalProperties":false}""")),
            ],
        },
        """
        <bos><|turn>system
        S<|tool>declaration:now{description:<|"|><|"|>,parameters:{type:<|"|>OBJECT<|"|>}}<tool|><|tool>declaration:today{description:<|"|><|"|>,parameters:{type:<|"|>OBJECT<|"|>}}<tool|><|tool>declaration:find{description:<|"|>Find.<|"|>,parameters:{properties:{Depth:{items:{type:<|"|>NUMBER<|"|>},type:<|"|>ARRAY<|"|>},fileName:{enum:[<|"|>a b<|"|>,<|"|>c<|"|>],type:<|"|>STRING<|"|>},filename:{type:<|"|>INTEGER<|"|>}},type:<|"|>OBJECT<|"|>}}<tool|><turn|>
        <|turn>user
        u<turn|>
        <|turn>model
        <|channel>thought
        <channel|>
        """);

    [Fact]
    public void Encode_AToolLoop_StaysInTheModelsTurn() => Check(
        new(
        [
            new("user", "q"),
            new("assistant", "") { Reasoning = "long ago", ToolCalls = [Call("c1", """{"path":"a","n":3,"deep":true,"more":{"z":null,"b":[1.5,"x\n"]}}"""), Call("c2", "{}")] },
            new("tool", "DATA") { ToolName = "read_file", ToolCallId = "c1" },
            new("tool", "") { ToolName = "read_file", ToolCallId = "c2" },
        ]),
        """
        <bos><|turn>user
        q<turn|>
        <|turn>model
        <|tool_call>call:read_file{deep:true,more:{b:[1.5,<|"|>x
        <|"|>],z:null},n:3,path:<|"|>a<|"|>}<tool_call|><|tool_call>call:read_file{}<tool_call|><|tool_response>response:read_file{value:<|"|>DATA<|"|>}<tool_response|><|tool_response>response:read_file{value:<|"|><|"|>}<tool_response|>
        """);

    [Fact]
    public void Encode_AFinishedToolLoop_IsClosed() => Check(
        new(
        [
            new("user", "q"),
            new("assistant", "") { ToolCalls = [Call("c1", """{"path":"a"}""")] },
            new("tool", "DATA") { ToolName = "read_file", ToolCallId = "c1" },
            new("assistant", "done") { Reasoning = "thoughts of an earlier turn" },
            new("user", "next"),
        ]),
        """
        <bos><|turn>user
        q<turn|>
        <|turn>model
        <|tool_call>call:read_file{path:<|"|>a<|"|>}<tool_call|><|tool_response>response:read_file{value:<|"|>DATA<|"|>}<tool_response|>done<turn|>
        <|turn>user
        next<turn|>
        <|turn>model
        <|channel>thought
        <channel|>
        """);

    private static ChatToolCall Call(string id, string arguments) => new(id, "read_file", JsonElement.Parse(arguments));

    private void Check(ChatPrompt prompt, string expected)
    {
        var tokens = _model.Template.Encode(prompt);
        var reference = new List<int>();
        _model.Tokenizer.EncodeTemplate(expected, reference);

        Assert.Equal(expected, _model.Tokenizer.Decode(tokens, skipSpecial: false));
        Assert.Equal(reference, tokens);
    }
}
