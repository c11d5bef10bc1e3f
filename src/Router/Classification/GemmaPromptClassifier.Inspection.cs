using System.Runtime.CompilerServices;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

internal sealed partial class GemmaPromptClassifier
{
    private readonly ConditionalWeakTable<RouteTable, ExampleIndex> _indexes = [];

    /// <inheritdoc/>
    public TextInspection Inspect(ClassificationInput input, int examples)
    {
        var encoder = Prepared(input.Table).Encoder;
        var window = encoder.Tokenise(input.Text);
        var vector = new float[encoder.Dimension];
        encoder.Encode([window], vector);
        return new TextInspection(window.Text, window.Tokens.Length, IndexOf(input.Table, encoder).Nearest(vector, examples)) { Embedding = vector.AsMemory(0, encoder.EmbeddingDimension) };
    }

    // Built when it is first asked for: requests never need it.
    private ExampleIndex IndexOf(RouteTable table, PromptEncoder encoder)
    {
        var loaded = _loaded;
        var known = loaded?.Encoder == encoder ? loaded.ExampleEmbeddings : [];
        return _indexes.GetValue(table, t => new ExampleIndex(t, text => known.GetValueOrDefault(text) ?? EncodeExample(encoder, text)));
    }
}
