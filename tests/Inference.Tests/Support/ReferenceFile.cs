using System.Text.Json;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>What reference.json of a shipped model holds: PyTorch's answers.</summary>
internal sealed record ReferenceFile(ReferenceText[]? Texts, ReferencePrompt[]? Prompts, ReferenceTokens[] Tokenizer)
{
    public static ReferenceFile Load(string model) =>
        JsonSerializer.Deserialize<ReferenceFile>(File.ReadAllText(Path.Combine(Repository.Model(model), "reference.json")), JsonSerializerOptions.Web)!;
}

internal sealed record ReferenceText(string Text, int[] Ids, float[] Embedding);

internal sealed record ReferencePrompt(string? System, string? Prompt, int[] Ids, int[] TopIds, float[] TopLogits);

internal sealed record ReferenceTokens(string Text, int[] Ids);
