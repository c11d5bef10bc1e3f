using System.Globalization;
using System.Runtime.CompilerServices;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Turns a chat completion into the sequences that are to be generated.</summary>
internal static class ChatGenerations
{
    // Compilation takes a core, and 256 MiB of address space: a few at a time leave the rest to the decoders.
    private static readonly SemaphoreSlim _compilations = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Encodes the prompt and makes a generation for each answer that is asked for; none is begun.</summary>
    /// <exception cref="RequestFormatException">The prompt and its answers do not fit, or the template refuses the messages, or no answer can have the form.</exception>
    /// <exception cref="EngineOverloadedException">There is no room for answers whose form would have to be compiled.</exception>
    public static async Task<GeneratedAnswers> CreateAsync(ServingModel serving, ChatCompletionRequest chat, CancellationToken cancellationToken)
    {
        var prompt = EncodePrompt(serving.Model, chat.Prompt);
        var maxTokens = ChooseMaxTokens(serving, prompt.Length, chat.MaxTokens);
        var sampling = ChooseSampling(serving.Model, chat);
        var options = new AnswerOptions { Stop = chat.Stop, SeveralCalls = chat.SeveralCalls, WithTokens = chat.LikeliestTokens is not null };
        var anyBegun = new StrongBox<bool>();
        var guides = await CreateGuidesAsync(serving, chat, prompt, cancellationToken);
        return new GeneratedAnswers([.. Enumerable.Range(0, chat.Choices).Select(choice => new GeneratedAnswer(
            new GenerationRequest(prompt, maxTokens, sampling with { Seed = (sampling.Seed + choice) & int.MaxValue }, cancellationToken)
            {
                LikeliestTokens = chat.LikeliestTokens,
                Guide = guides?[choice],
                AnyBegun = anyBegun,
            },
            new AnswerReader(serving.Model.Tokenizer, options, prompt)))]);
    }

    /// <summary>Encodes a conversation as the model reads it.</summary>
    /// <exception cref="RequestFormatException">It cannot fit, or the template refuses it.</exception>
    public static int[] EncodePrompt(GenerationModel model, ChatPrompt prompt)
    {
        // What cannot fit whatever its tokens are is refused before megabytes of it are rendered and encoded. A message costs one at least.
        var fewestTokens = prompt.Messages.Count + (CountCharacters(prompt) / model.Tokenizer.LongestPieceBytes);
        if (fewestTokens > model.Config.ContextTokens)
        {
            throw new RequestFormatException(OpenAIError.ContextExceeded(model.Config.ContextTokens, $"at least {fewestTokens}"));
        }

        try
        {
            return model.Template.Encode(prompt);
        }
        catch (ChatTemplateException e)
        {
            throw new RequestFormatException(OpenAIError.Invalid(e.Message, "messages", "invalid_messages"));
        }
    }

    private static async Task<AnswerGuide[]?> CreateGuidesAsync(ServingModel serving, ChatCompletionRequest chat, int[] prompt, CancellationToken cancellationToken)
    {
        if (chat.Format is not { } format)
        {
            return null;
        }

        var guide = await CompileAsync(serving, format, chat.Choices, cancellationToken);
        var thoughts = serving.Model.Thoughts;
        var isThinking = thoughts is not null && AnswerMarks.Find(serving.Model.Tokenizer).FindThought(prompt).IsInside;
        return [.. Enumerable.Range(0, chat.Choices).Select(choice =>
            new AnswerGuide(choice == 0 ? guide : guide.Clone(), isThinking || chat.Prompt.EnableThinking == true ? thoughts : null, isThinking))];
    }

    private static async Task<TokenGuide> CompileAsync(ServingModel serving, AnswerFormat format, int answers, CancellationToken cancellationToken)
    {
        CheckRoom();
        await _compilations.WaitAsync(cancellationToken);
        try
        {
            CheckRoom(); // it may have been taken meanwhile
            return await TokenGuide.CreateAsync(serving.Model.Guidance, format.Kind switch
            {
                AnswerFormatKind.JsonObject => AnswerGrammar.JsonObject(),
                AnswerFormatKind.JsonSchema => AnswerGrammar.JsonSchema(format.Schema!),
                _ => AnswerGrammar.ToolCalls([.. format.Tools.Select(static tool => (tool.Name, tool.Parameters?.GetRawText()))], format.SeveralAllowed),
            });
        }
        catch (GuidanceException e)
        {
            throw new RequestFormatException(OpenAIError.Invalid(e.Message, format.Kind == AnswerFormatKind.ToolCalls ? "tools" : "response_format", "unsupported_value"));
        }
        finally
        {
            _compilations.Release();
        }

        void CheckRoom()
        {
            if (!serving.Engine.HasRoom(answers))
            {
                throw new EngineOverloadedException();
            }
        }
    }

    // Thoughts of earlier turns are not counted: templates leave them out.
    private static long CountCharacters(ChatPrompt prompt) =>
        prompt.Messages.Sum(static message => message.Content.Length + message.ToolCalls.Sum(static call => (long)call.Arguments.GetRawText().Length))
        + prompt.Tools.Sum(static tool => (long)tool.Description.Length + (tool.Parameters?.GetRawText().Length ?? 0));

    // Each answer is a sequence of its own, and each must fit with the prompt.
    private static int ChooseMaxTokens(ServingModel serving, int promptTokens, int? wanted)
    {
        var context = serving.Model.Config.ContextTokens;
        if (promptTokens >= context)
        {
            throw new RequestFormatException(OpenAIError.ContextExceeded(context, promptTokens.ToString(CultureInfo.InvariantCulture)));
        }

        // A pool smaller than the context bounds a sequence too.
        var longest = (int)Math.Min(context, serving.Model.KvCache.LongestSequence(serving.Budget.PoolBytes));
        var maxTokens = wanted ?? longest - promptTokens;
        return maxTokens >= 1 && promptTokens + (long)maxTokens <= longest
            ? maxTokens
            : throw new RequestFormatException(OpenAIError.ContextExceeded(longest, promptTokens, Math.Max(1, maxTokens)));
    }

    private static SamplingOptions ChooseSampling(GenerationModel model, ChatCompletionRequest chat)
    {
        var defaults = model.Config.Sampling;
        return new SamplingOptions(
            chat.Temperature ?? defaults.Temperature,
            chat.TopP ?? defaults.TopP,
            (chat.TopK ?? defaults.TopK) is var topK && topK > 0 && topK < model.Tokenizer.VocabularySize ? topK : 0,
            chat.Seed,
            chat.FrequencyPenalty ?? defaults.FrequencyPenalty,
            chat.PresencePenalty ?? defaults.PresencePenalty);
    }
}
