using RouterGateway.Router.Evaluation;

namespace RouterGateway.Gateway.Cli;

/// <summary>What is to be measured.</summary>
internal sealed record EvalPlan
{
    /// <summary>The labelled prompts.</summary>
    public required string File { get; init; }

    public required string RoutesFile { get; init; }

    /// <summary>What is classified, by its name in <c>router.text</c>; <c>null</c>: as the file says.</summary>
    public string? Text { get; init; }

    /// <summary>Whether conversations are asked turn by turn, with what the router remembers of them.</summary>
    public bool ByTurn { get; init; }

    /// <summary>Values of <c>decisions.similarity</c> to be tried.</summary>
    public IReadOnlyList<double> Similarities { get; init; } = [];

    /// <summary>The field of the rows that figures are grouped by; <c>null</c>: they are not.</summary>
    public string? GroupField { get; init; }

    /// <summary>Names of the baselines.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = [];

    /// <summary>What the bag of words is trained on; <c>null</c>: the examples of the routes.</summary>
    public string? BaselineFile { get; init; }

    public IReadOnlyList<Perturbation> Perturbations { get; init; } = [];

    /// <summary>Labels of prompts that belong to no route.</summary>
    public IReadOnlyList<string> AbstainLabels { get; init; } = [];

    public bool IsJson { get; init; }

    /// <summary>Below it the command fails, 0 to 1.</summary>
    public double MinAccuracy { get; init; }
}
