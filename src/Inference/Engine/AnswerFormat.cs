using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Engine;

/// <summary>What an answer must be.</summary>
internal sealed record AnswerFormat
{
    private AnswerFormat(AnswerFormatKind kind) => Kind = kind;

    /// <summary>Any JSON object.</summary>
    public static AnswerFormat JsonObject { get; } = new(AnswerFormatKind.JsonObject);

    public AnswerFormatKind Kind { get; }

    /// <summary>The JSON schema that the answer follows; <see langword="null"/> unless it is of kind <see cref="AnswerFormatKind.JsonSchema"/>.</summary>
    public string? Schema { get; private init; }

    /// <summary>The tools that may be called; empty unless it is of kind <see cref="AnswerFormatKind.ToolCalls"/>.</summary>
    public IReadOnlyList<ChatTool> Tools { get; private init; } = [];

    /// <summary>Whether more than one call may be made.</summary>
    public bool SeveralAllowed { get; private init; }

    /// <summary>JSON that follows a schema.</summary>
    public static AnswerFormat JsonSchema(string schema) => new(AnswerFormatKind.JsonSchema) { Schema = schema };

    /// <summary>At least one call of one of these tools, and nothing else but thoughts.</summary>
    public static AnswerFormat ToolCalls(IReadOnlyList<ChatTool> tools, bool severalAllowed) =>
        new(AnswerFormatKind.ToolCalls) { Tools = tools, SeveralAllowed = severalAllowed };
}
