namespace RouterGateway.Inference.Engine;

/// <summary>Why a generation ended.</summary>
internal enum FinishReason
{
    /// <summary>The model ended its turn, or a stop string came.</summary>
    Stop,

    /// <summary>The limit of tokens was reached.</summary>
    Length,
}
