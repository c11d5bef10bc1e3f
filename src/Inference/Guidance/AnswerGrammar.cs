namespace RouterGateway.Inference.Guidance;

/// <summary>What an answer must look like.</summary>
internal sealed class AnswerGrammar
{
    private readonly Func<GuidanceVocabulary, string> _compose;

    private AnswerGrammar(string name, string kind, Func<GuidanceVocabulary, string> compose)
    {
        Name = name;
        Kind = kind;
        _compose = compose;
    }

    /// <summary>What it is called in messages to a client.</summary>
    public string Name { get; }

    /// <summary>The notation of the composed text, as the native library calls it.</summary>
    public string Kind { get; }

    /// <summary>Any JSON object, without white space but for single spaces after commas and colons.</summary>
    public static AnswerGrammar JsonObject() => JsonSchema("""{"type":"object"}""");

    /// <summary>JSON that obeys a schema, without white space but for single spaces after commas and colons.</summary>
    /// <param name="schemaJson">A JSON Schema, of a client perhaps.</param>
    /// <exception cref="GuidanceException">It is not a JSON object, or too large.</exception>
    public static AnswerGrammar JsonSchema(string schemaJson)
    {
        var schema = GuidedSchema.Prepare(schemaJson);
        return new("The schema", "json_schema", _ => schema);
    }

    /// <summary>One call, or several, of tools in the notation of Gemma 4, and nothing else.</summary>
    /// <param name="tools">Names and JSON Schemas of the arguments; <see langword="null"/> for any arguments.</param>
    /// <param name="allowsSeveral">Whether further calls may follow the first.</param>
    /// <remarks>Calls are to be read by their tokens: a string may spell the marks of the notation in tokens of text.</remarks>
    /// <exception cref="GuidanceException">There is no tool, a name cannot be written, or a schema is not a JSON object or too large.</exception>
    public static AnswerGrammar ToolCalls(IReadOnlyList<(string Name, string? ParametersSchemaJson)> tools, bool allowsSeveral)
    {
        var grammar = new ToolCallGrammar(tools, allowsSeveral);
        return new("The choice of tools", "lark", grammar.Compose);
    }

    /// <summary>The grammar as text for the native library.</summary>
    /// <exception cref="GuidanceException">The vocabulary lacks what it needs.</exception>
    public string Compose(GuidanceVocabulary vocabulary) => _compose(vocabulary);
}
