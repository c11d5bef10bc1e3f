using RouterGateway.Router.Evaluation;

namespace RouterGateway.Gateway.Cli;

/// <summary>Figures on prompts that were written differently.</summary>
/// <param name="Perturbation">How.</param>
/// <param name="Changed">How many prompts had something to change.</param>
/// <param name="Report">The figures on all of them.</param>
internal sealed record PerturbedReport(Perturbation Perturbation, int Changed, EvaluationReport Report)
{
    /// <summary>What it costs, in percentage points of accuracy.</summary>
    /// <param name="clean">The figures on the prompts as they are.</param>
    public double CostPoints(EvaluationReport clean) => 100 * (clean.Accuracy - Report.Accuracy);
}
