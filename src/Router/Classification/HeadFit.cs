namespace RouterGateway.Router.Classification;

/// <summary>A fitted head, and what cross-validation chose and saw.</summary>
/// <param name="Head">The head.</param>
/// <param name="Regularisation">Strength of the L2 penalty, on the scale of one example.</param>
/// <param name="Temperature">What the logits were divided by.</param>
/// <param name="HeldOutAccuracy">Accuracy on examples that were left out, 0 to 1; not a number when there were too few.</param>
internal sealed record HeadFit(LinearHead Head, double Regularisation, double Temperature, double HeldOutAccuracy);
