using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Answers;

public sealed class GeneratedAnswersTests
{
    private static readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_AnswersThatComeByTurns_AreToldApart()
    {
        var (answers, generations) = Create(2, new AnswerOptions());
        var collected = new[] { new CollectedAnswer(), new CollectedAnswer() };
        var ends = new List<int>();
        var reading = Task.Run(
            async () =>
            {
                await foreach (var (answer, parts) in answers.ReadAsync(Cancellation))
                {
                    parts.ToList().ForEach(collected[answer].Add);
                    ends.AddRange(parts.Count == 0 ? [answer] : []);
                }
            },
            Cancellation);

        var (first, second) = (Encode("one <|tool_call>call:f{a:<|\"|>x<|\"|>}<tool_call|>"), Encode("<|channel>thought\nhm<channel|>two"));
        for (var i = 0; i < Math.Max(first.Count, second.Count); i++)
        {
            Add(generations[0], first, i);
            Add(generations[1], second, i);
            await Task.Yield();
        }

        generations[1].CachedTokens = 2;
        generations[1].Complete(FinishReason.Length, hasEndToken: false);
        generations[0].Complete(FinishReason.Stop, hasEndToken: true);
        await reading;

        Assert.Equal(("one ", "f{\"a\":\"x\"}"), (collected[0].Content, string.Concat(collected[0].Calls.Select(static call => call.Name + call.Arguments))));
        Assert.Equal(("two", "hm"), (collected[1].Content, collected[1].Reasoning));
        Assert.Equal(["tool_calls", "length"], answers.Answers.Select(static answer => answer.FinishReason));
        Assert.Equal([0, 1], ends.Order());
        Assert.Equal((3, 0, first.Count + 1 + second.Count), (answers.PromptTokens, answers.CachedTokens, answers.CompletionTokens));
        Assert.InRange(answers.ReasoningTokens, 4, second.Count - 1);
    }

    [Fact]
    public async Task ReadAsync_OneThatFails_FailsAll()
    {
        var (answers, generations) = Create(3, new AnswerOptions());
        generations[0].Add(new GeneratedToken(100, 0, []));
        generations[2].Fail(new GenerationFailedException("it broke", new InvalidOperationException()));

        await Assert.ThrowsAsync<GenerationFailedException>(async () =>
        {
            await foreach (var _ in answers.ReadAsync(Cancellation))
            {
            }
        });
    }

    [Fact]
    public async Task ReadAsync_AStopText_StopsItsGenerationOnly()
    {
        var (answers, generations) = Create(2, new AnswerOptions { Stop = ["wo"] });
        Encode("two").ForEach(token => generations[0].Add(new GeneratedToken(token, 0, [])));
        generations[1].Complete(FinishReason.Stop, hasEndToken: true);

        await foreach (var _ in answers.ReadAsync(Cancellation))
        {
        }

        Assert.True(generations[0].IsStopRequested);
        Assert.False(generations[1].IsStopRequested);
        Assert.Equal(["stop", "stop"], answers.Answers.Select(static answer => answer.FinishReason));
    }

    private static void Add(GenerationRequest generation, List<int> tokens, int index)
    {
        if (index < tokens.Count)
        {
            generation.Add(new GeneratedToken(tokens[index], 0, []));
        }
    }

    private static List<int> Encode(string text)
    {
        var tokens = new List<int>();
        _tokenizer.EncodeTemplate(text, tokens);
        return tokens;
    }

    private static (GeneratedAnswers Answers, GenerationRequest[] Generations) Create(int count, AnswerOptions options)
    {
        var prompt = new[] { 2, 100, 101 };
        var generations = Enumerable.Range(0, count).Select(_ => new GenerationRequest(prompt, 100, default, CancellationToken.None)).ToArray();
        return (new GeneratedAnswers([.. generations.Select(generation => new GeneratedAnswer(generation, new AnswerReader(_tokenizer, options, prompt)))]), generations);
    }
}
