namespace RouterGateway.Router.Classification;

/// <summary>An encoded example of a route.</summary>
/// <param name="Text">Its text; decides the order of examples, so that the order in the file does not matter.</param>
/// <param name="Embedding">L2-normalised.</param>
/// <param name="Words">Its words, as far as other examples have them too.</param>
/// <param name="Label">Index of the route that it belongs to, or not to.</param>
/// <param name="IsCounterExample">True when it does not belong to the route.</param>
internal readonly record struct HeadExample(string Text, float[] Embedding, SparseVector Words, int Label, bool IsCounterExample);
