namespace RouterGateway.Inference.Hub;

/// <summary>The hub did not give what was asked for, and another try may help.</summary>
/// <param name="message">What happened and where, as a sentence without the final stop.</param>
/// <param name="retryAfter">How long the hub asks to wait; null: it does not say.</param>
/// <param name="innerException">The cause, if another exception told of it.</param>
internal sealed class HubBusyException(string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
