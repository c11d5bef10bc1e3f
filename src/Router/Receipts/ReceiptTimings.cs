using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Receipts;

/// <summary>Where the time of a request went, in milliseconds.</summary>
public readonly record struct ReceiptTimings
{
    /// <summary>Reading the body.</summary>
    public double ParseMs { get; init; }

    /// <summary>The stages of the decision.</summary>
    public DecisionTimings Decision { get; init; }

    /// <summary>From the parsed body to a plan.</summary>
    public double DecideMs { get; init; }

    /// <summary>From the start of the attempt that answered to its first token; null: none came.</summary>
    public double? FirstTokenMs { get; init; }

    /// <summary>From the request's head to the end of its answer.</summary>
    public double TotalMs { get; init; }
}
