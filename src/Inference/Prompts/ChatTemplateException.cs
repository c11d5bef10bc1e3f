namespace RouterGateway.Inference.Prompts;

/// <summary>A chat template refuses a conversation; the message may be shown to the client.</summary>
internal sealed class ChatTemplateException(string message, Exception? innerException) : Exception(message, innerException);
