using Microsoft.ML.OnnxRuntimeGenAI;

namespace RouterGateway.Inference.Engine;

internal sealed partial class GenerationEngine
{
    // A prompt is given to the model in pieces, so that a client that leaves during a long one is noticed, and the
    // activations of a piece bound the memory.
    private const int PrefillTokens = 512;

    private (FinishReason Finish, bool HasEndToken) Decode(GenerationRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var parameters = CreateParameters(request);
        using var generator = new Generator(_model.Native, parameters);
        for (var prompt = request.Prompt; prompt.Length > 0; prompt = prompt[Math.Min(PrefillTokens, prompt.Length)..])
        {
            generator.AppendTokens(prompt.Span[..Math.Min(PrefillTokens, prompt.Length)]);
            cancellationToken.ThrowIfCancellationRequested();
        }

        _metrics.CountPromptTokens(request.Prompt.Length);
        for (var count = 0; count < request.MaxTokens; count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (request.IsStopRequested)
            {
                return (FinishReason.Stop, false);
            }

            generator.GenerateNextToken();
            _metrics.CountGeneratedToken();
            var token = generator.GetNextTokens()[0];
            if (_model.Config.EndTokens.Contains(token))
            {
                return (FinishReason.Stop, true);
            }

            request.Add(new GeneratedToken(token, 0, []));
            if (generator.IsDone() && count + 1 < request.MaxTokens)
            {
                return (FinishReason.Stop, false); // an end that the native configuration knows and ours does not
            }
        }

        return (FinishReason.Length, false);
    }

    private GeneratorParams CreateParameters(GenerationRequest request)
    {
        var parameters = new GeneratorParams(_model.Native);
        var sampling = request.Sampling;
        parameters.SetSearchOption("max_length", request.ReservedTokens);
        parameters.SetSearchOption("batch_size", 1);
        parameters.SetSearchOption("num_beams", 1);
        parameters.SetSearchOption("do_sample", !sampling.IsGreedy);
        if (!sampling.IsGreedy)
        {
            parameters.SetSearchOption("temperature", sampling.Temperature);
            parameters.SetSearchOption("top_p", sampling.TopP);
            parameters.SetSearchOption("top_k", sampling.TopK);
            if (sampling.Seed is { } seed)
            {
                parameters.SetSearchOption("random_seed", seed);
            }
        }

        return parameters;
    }
}
