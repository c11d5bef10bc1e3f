namespace RouterGateway.Inference.Engine;

/// <summary>Kinds of <see cref="AnswerFormat"/>.</summary>
internal enum AnswerFormatKind
{
    JsonObject,
    JsonSchema,
    ToolCalls,
}
