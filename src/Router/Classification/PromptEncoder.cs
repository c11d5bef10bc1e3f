using System.Numerics.Tensors;
using RouterGateway.Inference.Embeddings;

namespace RouterGateway.Router.Classification;

/// <summary>Turns texts into what the head reads: the embedding, and the features of the lexicon when the model's folder has one.</summary>
/// <param name="model">The embedding model.</param>
/// <param name="lexicon">Null when the folder has none.</param>
internal sealed class PromptEncoder(EmbeddingModel model, Lexicon? lexicon)
{
    private const string InstructionName = "Classification"; // as in the public EmbeddingGemma exports

    private readonly string _instruction = model.Prompts.GetValueOrDefault(InstructionName, "");

    /// <summary>Where it runs: <c>cpu</c> or <c>cuda</c>.</summary>
    public string Device => model.Device;

    /// <summary>Names model and lexicon by their content.</summary>
    public string Hash { get; } = lexicon is null ? model.Hash : $"{model.Hash}+{lexicon.Hash}";

    /// <summary>Values of the embedding: the first of <see cref="Dimension"/>.</summary>
    public int EmbeddingDimension => model.Dimension;

    /// <summary>Values for each text.</summary>
    public int Dimension => model.Dimension + (lexicon?.Features ?? 0);

    /// <summary>Reads a text as the model does.</summary>
    public TokenWindow Tokenise(string text) => TokenWindow.Create(model, _instruction, text);

    /// <summary>Encodes texts, in one run of the model when there are several.</summary>
    /// <param name="windows">The texts.</param>
    /// <param name="encoded">Receives [texts, <see cref="Dimension"/>], row-major.</param>
    public void Encode(TokenWindow[] windows, Span<float> encoded)
    {
        var embeddings = new float[windows.Length * model.Dimension];
        if (windows.Length == 1)
        {
            model.Embed(windows[0].Tokens.Span, embeddings);
        }
        else
        {
            model.Embed(Array.ConvertAll(windows, static w => w.Tokens), embeddings);
        }

        for (var i = 0; i < windows.Length; i++)
        {
            var row = encoded.Slice(i * Dimension, Dimension);
            var embedding = embeddings.AsSpan(i * model.Dimension, model.Dimension);
            TensorPrimitives.Divide(embedding, TensorPrimitives.Norm<float>(embedding), row);
            lexicon?.Read(windows[i].Text, row[model.Dimension..]);
        }
    }
}
