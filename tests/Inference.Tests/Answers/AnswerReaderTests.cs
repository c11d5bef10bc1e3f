using System.Buffers;
using System.Text.Json;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Answers;

public sealed class AnswerReaderTests
{
    private static readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    [Theory]
    [InlineData("Hello 日本 😀", "content:Hello 日本 😀")]
    [InlineData("", "")]
    [InlineData("<|channel>thought\nLet me see.\n<channel|>Yes.", "reasoning:Let me see.\n|content:Yes.")]
    [InlineData("<|channel>thought\n<channel|>Yes.", "content:Yes.")]
    [InlineData("<|channel>thought<channel|>Yes.", "content:Yes.")]
    [InlineData("<|channel>thoughts are free<channel|>Yes.", "reasoning:thoughts are free|content:Yes.")]
    [InlineData("<|channel>thought\nnever ended", "reasoning:never ended")]
    [InlineData("<|channel>thou", "reasoning:thou")]
    [InlineData("a<channel|>b<tool_call|>c<|\"|>d<bos>e", "content:abcde")]
    [InlineData("<|tool_call>call:now{}<tool_call|>", "now:{}")]
    [InlineData("<|tool_call>call:f{n:3,big:-1.5e+10,flag:true,no:false,nothing:null}<tool_call|>", """f:{"n":3,"big":-1.5e+10,"flag":true,"no":false,"nothing":null}""")]
    [InlineData("<|tool_call>call:f{path:<|\"|>a \"b\"\\ \n\t{},:[]é😀<|\"|>,list:[1,<|\"|>x<|\"|>,[],{}],obj:{a:1,b:{c:<|\"|><|\"|>}}}<tool_call|>", """f:{"path":"a \"b\"\\ \n\t{},:[]é😀","list":[1,"x",[],{}],"obj":{"a":1,"b":{"c":""}}}""")]
    [InlineData("<|channel>thought\nhm<channel|>I look.<|tool_call>call:f{}<tool_call|><|tool_call>call:g{x:1}<tool_call|>", "reasoning:hm|content:I look.|f:{}|g:{\"x\":1}")]
    [InlineData("<|channel>thought\nhm<|tool_call>call:f{}<tool_call|>done", "reasoning:hm|content:done|f:{}")]
    [InlineData("<|tool_call> call:f{ a : 1 , b : [ 2 , 3 ] , } <tool_call|>", """f:{"a":1,"b":[2,3]}""")]
    [InlineData("<|tool_call>call:f{lang:python,url:https://x.y/z?a=1,yes:True,no:None,v:1.,w:01}<tool_call|>", """f:{"lang":"python","url":"https://x.y/z?a=1","yes":true,"no":null,"v":"1.","w":"01"}""")]
    [InlineData("<|tool_call>call:f{\"a b\":\"c\\n\\u00e9\\\"\",<|\"|>d:e<|\"|>:<|\"|>f<|\"|>,g h:1}<tool_call|>", """f:{"a b":"c\n\u00e9\"","d:e":"f","g h":1}""")]
    [InlineData("<|tool_call>call:f{a:<|\"|><bos><|channel><eos><|\"|>}<tool_call|>", """f:{"a":"<bos><|channel><eos>"}""")]
    [InlineData("<|tool_call>call:f{}<tool_call|><|tool_response>response:f{value:1}", "f:{}")]
    [InlineData("a<|tool_response>b", "content:a")]
    public void Append_AnAnswer_IsDivided(string answer, string expected)
    {
        Assert.Equal(expected, Describe(Read(Encode(answer)).Answer));
    }

    [Theory]
    [InlineData("<|tool_call>garbage<tool_call|>")]
    [InlineData("<|tool_call><tool_call|>")]
    [InlineData("<|tool_call>call:f<tool_call|>")]
    [InlineData("<|tool_call>call:{}<tool_call|>")]
    [InlineData("<|tool_call>call:a b{}<tool_call|>")]
    [InlineData("<|tool_call>call:f{a:<|\"|>x<tool_call|>")]
    [InlineData("<|tool_call>call:f{a:1")]
    [InlineData("<|tool_call>call:f{a:1}")]
    [InlineData("<|tool_call>call:f{a:<|\"|>half a te")]
    [InlineData("<|tool_call>call:f{a:}<tool_call|>")]
    [InlineData("<|tool_call>call:f{a}<tool_call|>")]
    [InlineData("<|tool_call>call:f{a:1}}<tool_call|>")]
    [InlineData("<|tool_call>call:f{a:[1}]<tool_call|>")]
    [InlineData("<|tool_call>call:f{a:x<|\"|>y<|\"|>}<tool_call|> and more")]
    [InlineData("<|tool_call>call:f{a:<bos>}<tool_call|>")]
    [InlineData("<|tool_call>call:f{\"a\":\"\\x\"}<tool_call|>")]
    [InlineData("<|tool_call>call:f{} and <bos>")]
    public void Append_WhatIsNoCall_IsContentAsItStands(string answer)
    {
        var (collected, parts, reader) = Read(Encode("I say " + answer));

        Assert.Equal("content:I say " + answer, Describe(collected));
        Assert.Equal(0, reader.CompletedCalls);
        Assert.All(Streamed(parts), static call => Assert.False(IsJson(call), call)); // no client may take it for a call
    }

    [Fact]
    public void Append_ACallAfterABrokenOne_IsACall()
    {
        Assert.Equal(
            "content:<|tool_call>call:f{a:<|\"|>x<|tool_call>call:f{a<tool_call|>!|g:{}|h:{}",
            Describe(Read(Encode("<|tool_call>call:f{a:<|\"|>x<|tool_call>call:g{}<tool_call|><|tool_call>call:f{a<tool_call|>!<|tool_call>call:h{}<tool_call|>")).Answer));
    }

    [Fact]
    public void Append_SixtyOneLevels_AreNoCall()
    {
        var deepest = $"<|tool_call>call:f{{a:{new string('[', 59)}{new string(']', 59)}}}<tool_call|>";

        Assert.Single(Read(Encode(deepest)).Answer.Calls);
        Assert.Empty(Read(Encode(deepest.Replace("[]", "[[]]", StringComparison.Ordinal))).Answer.Calls);
    }

    [Fact]
    public void Append_AnyCutOfTheText_GivesTheSame()
    {
        const string Answer = "<|channel>thought\nhm 😀\n<channel|>See: <|tool_call>call:find_it{text:<|\"|>a\"é😀\n<|\"|>,n:-1.5,l:[true,{x:y}]}<tool_call|>then <|tool_call>call:f{a:[}<tool_call|> end";
        var expected = Describe(Read(Encode(Answer)).Answer);
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var (answer, parts, _) = Read(EncodeInPieces(Answer, random));

            Assert.Equal(expected, Describe(answer));
            Assert.All(parts, static part => Assert.True(part.Text.Length == 0 || (!char.IsLowSurrogate(part.Text[0]) && !char.IsHighSurrogate(part.Text[^1]))));
        }
    }

    [Fact]
    public void Append_ATextOfACall_ComesInPieces()
    {
        var (_, parts, _) = Read(Encode("<|tool_call>call:write{text:<|\"|>one two three four five<|\"|>}<tool_call|>"));

        Assert.True(parts.Count(static part => part.Kind == AnswerPartKind.CallArguments) > 5);
        Assert.Equal(AnswerPartKind.CallStart, parts[0].Kind);
        Assert.Matches("^call_[A-Za-z0-9]{24}$", parts[0].CallId);
        Assert.Equal(["{\"text\":\"one two three four five\"}"], Streamed(parts));
    }

    [Fact]
    public void Append_RandomTokens_NeverThrowAndCallsAreJson()
    {
        var random = new Random(11);
        string[] pieces = ["call:f{", "a:", "}", "]", "[", "{", ",", "1", "\"", "\\", "thought\n", " ", "x", "call:"];
        var words = pieces.Select(Encode).ToArray();
        var marks = Enumerable.Range(0, 17).ToArray();
        for (var round = 0; round < 4000; round++)
        {
            var tokens = new List<int>();
            for (var i = random.Next(40); i > 0; i--)
            {
                switch (random.Next(5))
                {
                    case 0: tokens.Add(random.Next(-1, _tokenizer.VocabularySize + 1)); break;
                    case 1: tokens.Add(marks[random.Next(marks.Length)]); break;
                    case 2: tokens.AddRange(Encode("<|tool_call>call:f{a:<|\"|>x<|\"|>}<tool_call|>").Take(random.Next(12))); break;
                    default: tokens.AddRange(words[random.Next(words.Length)]); break;
                }
            }

            var (answer, parts, reader) = Read(tokens, new AnswerOptions { Stop = random.Next(4) == 0 ? ["x", "}1"] : [], WithTokens = true });

            Assert.All(answer.Calls, static call => Assert.True(IsJson(call.Arguments), call.Arguments));
            Assert.Equal(answer.Calls.Count, Streamed(parts).Count(IsJson));
            Assert.Equal(answer.Calls.Count, reader.CompletedCalls);
        }
    }

    [Fact]
    public void Append_AStopText_EndsTheContentOnly()
    {
        var options = new AnswerOptions { Stop = ["END"] };

        var (answer, _, reader) = Read(Encode("<|channel>thought\nEND<channel|>a<|tool_call>call:END{END:<|\"|>END<|\"|>}<tool_call|>b END c"), options);

        Assert.Equal("reasoning:END|content:ab |END:{\"END\":\"END\"}", Describe(answer));
        Assert.True(reader.IsStopped);
    }

    [Fact]
    public void Append_OneCallOnly_EndsAfterIt()
    {
        var (answer, _, reader) = Read(Encode("a<|tool_call>call:f{}<tool_call|><|tool_call>call:g{}<tool_call|>"), new AnswerOptions { SeveralCalls = false });

        Assert.Equal("content:a|f:{}", Describe(answer));
        Assert.True(reader.IsStopped);
    }

    [Theory]
    [InlineData("<|turn>model\n<|channel>thought\n", "deep<channel|>yes", "reasoning:deep|content:yes")]
    [InlineData("<|turn>model\n<|channel>thought\nso far", " so good", "reasoning: so good")]
    [InlineData("<|turn>model\n<|channel>", "thought\ndeep<channel|>yes", "reasoning:deep|content:yes")]
    [InlineData("<|turn>model\n<|channel>thought\n<channel|>", "yes", "content:yes")]
    [InlineData("<|channel>thought\n<|turn>model\n", "yes", "content:yes")]
    public void Append_APromptThatOpensAThought_BeginsInIt(string prompt, string answer, string expected)
    {
        Assert.Equal(expected, Describe(Read(Encode(answer), prompt: Encode(prompt)).Answer));
    }

    [Fact]
    public void ReasoningTokens_AreThoseFromMarkToMark()
    {
        var thought = Encode("<|channel>thought\nLet me see.<channel|>");

        var (_, _, reader) = Read([.. thought, .. Encode("Yes, that is so.")]);

        Assert.Equal(thought.Length, reader.ReasoningTokens);
        Assert.True(reader.TokensRead > thought.Length);
    }

    [Theory]
    [InlineData("<|channel>thought\nhm<channel|>a 日本😀 b")]
    [InlineData("x<|tool_call>call:f{a:<|\"|>1<|\"|>}<tool_call|>y")]
    [InlineData("x<|tool_call>call:f{a:<|\"|>1")]
    public void Append_WithTokens_TheirBytesAreTheContent(string text)
    {
        var (answer, _, _) = Read(Encode(text), new AnswerOptions { WithTokens = true });

        Assert.Equal(answer.Content, _tokenizer.Decode([.. answer.Tokens.Select(static token => token.Id)], skipSpecial: false));
    }

    [Fact]
    public void Append_WithTokensAndAStop_GivesThoseBeforeIt()
    {
        var (answer, parts, _) = Read(Encode("one two three. four five"), new AnswerOptions { WithTokens = true, Stop = [". four"] });

        Assert.Equal("one two three", answer.Content);
        Assert.Equal("one two three", _tokenizer.Decode([.. answer.Tokens.Select(static token => token.Id)]));
        Assert.All(parts, static part => Assert.NotNull(part.Tokens));
    }

    private static bool IsJson(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // What a client that only appends has of each call.
    private static string[] Streamed(List<AnswerPart> parts) =>
        [.. parts.Where(static part => part.Kind == AnswerPartKind.CallStart).Select(start => string.Concat(parts.Where(part => part.Kind == AnswerPartKind.CallArguments && part.Call == start.Call).Select(static part => part.Text)))];

    private static string Describe(CollectedAnswer answer) => string.Join('|', new[]
    {
        answer.Reasoning.Length > 0 ? "reasoning:" + answer.Reasoning : null,
        answer.Content.Length > 0 ? "content:" + answer.Content : null,
    }.OfType<string>().Concat(answer.Calls.Select(static call => $"{call.Name}:{call.Arguments}")));

    private static int[] Encode(string text)
    {
        var tokens = new List<int>();
        _tokenizer.EncodeTemplate(text, tokens);
        return [.. tokens];
    }

    // The same text in other tokens, down to bytes; marks stay whole.
    private static List<int> EncodeInPieces(string text, Random random)
    {
        var tokens = new List<int>();
        foreach (var token in Encode(text))
        {
            if (_tokenizer.IsSpecial(token) || random.Next(3) == 0)
            {
                tokens.Add(token);
                continue;
            }

            var bytes = new ArrayBufferWriter<byte>();
            _tokenizer.WriteBytes(token, skipSpecial: false, bytes);
            foreach (var value in bytes.WrittenSpan)
            {
                Assert.True(_tokenizer.TryGetId($"<0x{value:X2}>", out var id));
                tokens.Add(id);
            }
        }

        return tokens;
    }

    private static (CollectedAnswer Answer, List<AnswerPart> Parts, AnswerReader Reader) Read(IEnumerable<int> tokens, AnswerOptions? options = null, int[]? prompt = null)
    {
        var reader = new AnswerReader(_tokenizer, options ?? new AnswerOptions(), prompt ?? []);
        var parts = new List<AnswerPart>();
        foreach (var token in tokens.TakeWhile(_ => !reader.IsStopped))
        {
            reader.Append(new GeneratedToken(token, -1, []), parts);
        }

        reader.Complete(parts);
        var answer = new CollectedAnswer();
        parts.ForEach(answer.Add);
        return (answer, parts, reader);
    }
}
