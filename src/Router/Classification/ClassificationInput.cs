using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>A text to classify.</summary>
/// <param name="Table">Whose routes are the labels.</param>
/// <param name="Text">Any text; lone surrogates and control characters are allowed.</param>
/// <param name="WantsEmbedding">Whether the answer holds the embedding, whatever the table says.</param>
internal readonly record struct ClassificationInput(RouteTable Table, string Text, bool WantsEmbedding = false);
