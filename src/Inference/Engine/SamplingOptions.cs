namespace RouterGateway.Inference.Engine;

/// <summary>How the next token is chosen.</summary>
/// <param name="Temperature">0 takes the likeliest token always.</param>
/// <param name="TopP">Share of probability to choose from, above 0 to 1.</param>
/// <param name="TopK">Number of tokens to choose from; 0 for all.</param>
/// <param name="Seed">Equal seeds give equal answers; <see langword="null"/> for chance.</param>
/// <param name="FrequencyPenalty">Taken from a token's logit for each time that it was generated, -2 to 2.</param>
/// <param name="PresencePenalty">Taken from a token's logit once it was generated, -2 to 2.</param>
internal readonly record struct SamplingOptions(double Temperature, double TopP, int TopK, int? Seed, double FrequencyPenalty = 0, double PresencePenalty = 0)
{
    private const double LeastTemperature = 1e-5; // below it all but the likeliest token have a probability of zero

    /// <summary>Whether the likeliest token is taken always.</summary>
    public bool IsGreedy => Temperature < LeastTemperature || TopP <= 0 || TopK == 1;
}
