namespace RouterGateway.Router.Evaluation;

/// <summary>How well one route is recognised.</summary>
/// <param name="RouteId">The route.</param>
/// <param name="Prompts">Prompts that belong to it.</param>
/// <param name="Precision">Of those that took it, the share that belongs to it; 0 when none took it.</param>
/// <param name="Recall">Of those that belong to it, the share that took it; 0 when none belongs to it.</param>
public sealed record RouteFigures(string RouteId, int Prompts, double Precision, double Recall)
{
    /// <summary>Harmonic mean of precision and recall; 0 when both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;
}
