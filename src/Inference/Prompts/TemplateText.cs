namespace RouterGateway.Inference.Prompts;

/// <summary>Completes chat templates with what ONNX Runtime GenAI's engine does not give them.</summary>
internal static class TemplateText
{
    /// <summary>The member of the last message that carries the tools.</summary>
    // GenAI's own argument for tools rewrites them without their "function" object, which templates of Hugging Face models look into. And
    // a member of the name "tools" must be a string there.
    public const string ToolsMember = "offered_tools";

    private const string TakeTools = "{% set tools = messages[-1]['" + ToolsMember + "'] %}{% set messages = messages[:-1] %}";

    // The engine has no such filter. The texts of users are place-holders without letters that matter, so these letters are all. Names that no template has,
    // because the engine's macros write their variables where the template's are.
    private const string Upper =
        "{% macro upper(upper_text) %}{% set upper_letters = {'a':'A','b':'B','c':'C','d':'D','e':'E','f':'F','g':'G','h':'H','i':'I','j':'J','k':'K','l':'L','m':'M','n':'N','o':'O','p':'P',"
        + "'q':'Q','r':'R','s':'S','t':'T','u':'U','v':'V','w':'W','x':'X','y':'Y','z':'Z'} %}{% for letter in upper_text | string %}{{ upper_letters.get(letter, letter) }}{% endfor %}{% endmacro %}";

    /// <summary>A template that finds everything by the names it uses.</summary>
    public static string Complete(string template, bool hasTools, bool? enableThinking)
    {
        var thinking = enableThinking switch { true => "{% set enable_thinking = true %}", false => "{% set enable_thinking = false %}", null => "" };
        return (hasTools ? TakeTools : "") + thinking + (template.Contains("upper", StringComparison.Ordinal) ? Upper : "") + template;
    }
}
