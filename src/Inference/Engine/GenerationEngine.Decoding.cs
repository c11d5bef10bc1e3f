using RouterGateway.Inference.Decoding;

namespace RouterGateway.Inference.Engine;

internal sealed partial class GenerationEngine
{
    private (FinishReason Finish, bool HasEndToken) Decode(GenerationRequest request, KvSequence sequence, CancellationToken cancellationToken)
    {
        request.CachedTokens = sequence.Tokens.Length;
        var sampler = new TokenSampler(request.Sampling, request.LikeliestTokens, request.Guide);
        var logits = sequence.Append(request.Prompt.Span[request.CachedTokens..], cancellationToken);
        _metrics.CountPromptTokens(request.Prompt.Length);
        for (var count = 1; ; count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (request.IsStopRequested)
            {
                return (FinishReason.Stop, false);
            }

            var token = sampler.Choose(logits);
            _metrics.CountGeneratedToken();
            if (_model.Config.EndTokens.Contains(token.Id))
            {
                return (FinishReason.Stop, true);
            }

            request.Add(token);
            if (request.Guide is { IsComplete: true })
            {
                return (FinishReason.Stop, false); // only an end may follow
            }

            if (count == request.MaxTokens)
            {
                return (FinishReason.Length, false);
            }

            logits = sequence.Append([token.Id], cancellationToken);
        }
    }
}
