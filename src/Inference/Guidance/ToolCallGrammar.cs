using System.Globalization;
using System.Text;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Guidance;

/// <summary>The grammar of calls as Gemma 4 writes them: <c>&lt;|tool_call&gt;call:name{key:value}&lt;tool_call|&gt;</c>, strings between <c>&lt;|"|&gt;</c>.</summary>
internal sealed class ToolCallGrammar
{
    private const int MostCalls = 32; // a weak model that may go on does
    private const int LongestSchemasCharacters = 256 << 10; // of all tools together

    // Numbers are bounded, or a weak model writes digits for ever. Text may spell the marks of the notation, in tokens of text: forbidding
    // that takes the library 0.9 ms instead of 0.03 ms per token of a vocabulary of Gemma's size. So calls are to be read by their tokens.
    private const string CommonRules = """
        value: str | NUMBER | "true" | "false" | "null" | list | map
        list: "[" "]" | "[" value ("," value)* "]"
        map: "{" "}" | "{" KEY ":" value ("," KEY ":" value)* "}"
        str: quote TEXT? quote
        INTEGER: /-?(0|[1-9][0-9]{0,17})/
        NUMBER: /-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?/
        KEY: /[A-Za-z_][A-Za-z0-9_.\-]{0,63}/
        TEXT: /(?s:.+)/

        """;

    private readonly string _rules;

    /// <summary>Writes the grammar.</summary>
    /// <exception cref="GuidanceException">There is no tool, a name cannot be written, or a schema cannot be read.</exception>
    public ToolCallGrammar(IReadOnlyList<(string Name, string? ParametersSchemaJson)> tools, bool allowsSeveral)
    {
        if (tools.Count == 0)
        {
            throw new GuidanceException("There is no tool to call");
        }

        if (tools.Sum(static tool => (long)(tool.ParametersSchemaJson?.Length ?? 0)) > LongestSchemasCharacters)
        {
            throw new GuidanceException($"The parameters of the tools are longer than {LongestSchemasCharacters} characters together");
        }

        var rules = new StringBuilder();
        rules.AppendLine(CultureInfo.InvariantCulture, $"start: call{(allowsSeveral ? $"{{1,{MostCalls}}}" : "")}");
        rules.AppendLine(CultureInfo.InvariantCulture, $"call: open ({string.Join(" | ", Enumerable.Range(0, tools.Count).Select(static i => $"tool{i}"))}) close");
        var ruleCount = 0;
        for (var i = 0; i < tools.Count; i++)
        {
            var (name, schema) = tools[i];
            if (!ToolNames.IsGood(name))
            {
                throw new GuidanceException($"A call of the tool \"{name}\" cannot be written: its name may be {ToolNames.Rule}");
            }

            var arguments = schema is null ? "map" : WriteArguments(name, schema, $"a{i}", rules, ref ruleCount);
            rules.AppendLine(CultureInfo.InvariantCulture, $"tool{i}: {LarkText.Quote($"call:{name}")} {arguments}");
        }

        _rules = rules.Append(CommonRules).ToString();
    }

    /// <summary>The grammar in Lark.</summary>
    /// <exception cref="GuidanceException">The vocabulary lacks the marks of the notation.</exception>
    public string Compose(GuidanceVocabulary vocabulary)
    {
        var grammar = new StringBuilder(_rules);
        ReadOnlySpan<(string Rule, string Mark)> marks = [("open", "<|tool_call>"), ("close", "<tool_call|>"), ("quote", "<|\"|>")];
        foreach (var (rule, mark) in marks)
        {
            if (!vocabulary.TryGetControlToken(mark, out var token))
            {
                throw new GuidanceException($"this model has no notation for calls of tools: its vocabulary lacks {mark}");
            }

            grammar.AppendLine(CultureInfo.InvariantCulture, $"{rule}: <[{token}]>");
        }

        return grammar.ToString();
    }

    private static string WriteArguments(string name, string schema, string prefix, StringBuilder rules, ref int ruleCount)
    {
        try
        {
            using var document = GuidedSchema.Parse(schema);
            var arguments = new ArgumentRules(document.RootElement, prefix, rules, ruleCount);
            var written = arguments.WriteRoot();
            ruleCount = arguments.RuleCount;
            return written;
        }
        catch (Exception e) when (e is GuidanceException or InvalidOperationException) // the latter: half of a surrogate pair
        {
            throw new GuidanceException($"The parameters of the tool \"{name}\" cannot be followed: {e.Message}", e);
        }
    }
}
