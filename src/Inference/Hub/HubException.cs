namespace RouterGateway.Inference.Hub;

/// <summary>A model cannot be fetched, listed or removed; the message says what happened, where, and what to do.</summary>
/// <param name="message">One or more whole sentences.</param>
/// <param name="innerException">The cause, if another exception told of it.</param>
public sealed class HubException(string message, Exception? innerException = null) : Exception(message, innerException);
