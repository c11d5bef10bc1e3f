namespace RouterGateway.Inference.Embeddings;

/// <summary>The model failed on a request's inputs; the message may be shown to the client.</summary>
internal sealed class EmbeddingFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
