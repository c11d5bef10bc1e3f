namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>Another way to classify, to compare the router with.</summary>
public interface IBaseline
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>Returns probabilities in the order of the table's routes.</summary>
    /// <param name="text">What the router classifies, too.</param>
    double[] Classify(string text);
}
