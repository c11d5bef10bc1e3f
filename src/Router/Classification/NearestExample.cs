namespace RouterGateway.Router.Classification;

/// <summary>An example of a route that resembles a text.</summary>
/// <param name="RouteId">The route.</param>
/// <param name="Text">The example, or the description of the route.</param>
/// <param name="Similarity">Cosine of the two vectors that the head reads, -1 to 1.</param>
public readonly record struct NearestExample(string RouteId, string Text, double Similarity);
