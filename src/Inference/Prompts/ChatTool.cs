using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>A function that the model may call.</summary>
/// <param name="Name">Letters, digits, '_', '-' and '.'.</param>
/// <param name="Description">What it does; empty when the client does not say.</param>
/// <param name="Parameters">A JSON schema of kind object; <see langword="null"/> when it takes none.</param>
internal sealed record ChatTool(string Name, string Description, JsonElement? Parameters);
