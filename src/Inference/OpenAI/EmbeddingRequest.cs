namespace RouterGateway.Inference.OpenAI;

/// <summary>The fields of POST /v1/embeddings that are served.</summary>
/// <param name="Model">What the client asks for; <see langword="null"/> when it does not say.</param>
/// <param name="Inputs">1 or more.</param>
/// <param name="IsBase64">Whether the numbers are wanted as base64 of little-endian float32.</param>
/// <param name="Dimensions">How many of the numbers are wanted, 1 or more; <see langword="null"/> for all.</param>
internal sealed record EmbeddingRequest(string? Model, IReadOnlyList<EmbeddingInput> Inputs, bool IsBase64, int? Dimensions);

/// <summary>One input: a text, or token ids as they are.</summary>
/// <param name="Place">Where it stands in the request, such as "input[3]".</param>
/// <param name="Text">Not empty; <see langword="null"/> for token ids.</param>
/// <param name="Tokens">One or more, none negative; <see langword="null"/> for a text.</param>
internal readonly record struct EmbeddingInput(string Place, string? Text, int[]? Tokens);
