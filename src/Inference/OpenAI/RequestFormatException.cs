namespace RouterGateway.Inference.OpenAI;

/// <summary>A request's body is not what the endpoint takes; caught where the body is read.</summary>
internal sealed class RequestFormatException(OpenAIError error) : Exception(error.Message)
{
    public OpenAIError Error => error;
}
