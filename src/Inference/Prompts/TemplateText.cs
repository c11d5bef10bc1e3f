using System.Text;
using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Prompts;

/// <summary>Makes ONNX Runtime GenAI's engine render chat templates as the libraries do that models were trained with.</summary>
internal static partial class TemplateText
{
    /// <summary>The member of the last message that carries the tools.</summary>
    // GenAI's own argument for tools rewrites them without their "function" object, which templates of Hugging Face models look into. And
    // a member of the name "tools" must be a string there.
    public const string ToolsMember = "offered_tools";

    private const string TakeTools = "{% set tools = messages[-1]['" + ToolsMember + "'] %}{% set messages = messages[:-1] %}";

    // The engine has no such filter. The texts of users are place-holders without letters that matter, so these letters are all. Nothing
    // stands for what is not defined, which the engine cannot tell from none.
    private const string Upper =
        "{% macro upper(text) %}{% set letters = {'a':'A','b':'B','c':'C','d':'D','e':'E','f':'F','g':'G','h':'H','i':'I','j':'J','k':'K','l':'L','m':'M','n':'N','o':'O','p':'P',"
        + "'q':'Q','r':'R','s':'S','t':'T','u':'U','v':'V','w':'W','x':'X','y':'Y','z':'Z'} %}{% if text is not none %}{% for letter in text | string %}{{ letters.get(letter, letter) }}{% endfor %}{% endif %}{% endmacro %}";

    /// <summary>Prepares a template, once.</summary>
    public static string Prepare(string template)
    {
        var trimmed = TrimBlocks(template);
        return ScopeMacros(trimmed.Contains("upper", StringComparison.Ordinal) ? Upper + trimmed : trimmed);
    }

    /// <summary>What a prepared template begins with to find the tools and whether to think by the names it uses.</summary>
    public static string WriteHead(bool hasTools, bool? enableThinking)
    {
        var thinking = enableThinking switch { true => "{% set enable_thinking = true %}", false => "{% set enable_thinking = false %}", null => "" };
        return (hasTools ? TakeTools : "") + thinking;
    }

    // As trim_blocks and lstrip_blocks, which the engine does not do: a block alone on its line leaves nothing of the line.
    private static string TrimBlocks(string template)
    {
        var text = new StringBuilder(template.Length);
        var position = 0;
        foreach (Match tag in Tags().Matches(template))
        {
            text.Append(template, position, tag.Index - position);
            position = tag.Index + tag.Length;
            if (tag.ValueSpan.StartsWith("{{"))
            {
                text.Append(tag.ValueSpan);
                continue;
            }

            var line = tag.Index;
            while (line > 0 && template[line - 1] is ' ' or '\t')
            {
                line--;
            }

            if (tag.Value[2] is not ('-' or '+') && (line == 0 || template[line - 1] == '\n'))
            {
                text.Length -= tag.Index - line;
            }

            text.Append(tag.ValueSpan);
            if (tag.Value[^3] is not ('-' or '+') && template.AsSpan(position).StartsWith("\n"))
            {
                position++;
            }
        }

        return text.Append(template, position, template.Length - position).ToString();
    }

    // The engine's macros write their variables where the template's own are, and calls inside of a call where its are. A loop has a scope of
    // its own. Parameters still are written to the template's variables of the same names, if it has such.
    private static string ScopeMacros(string template) => EndOfMacro().Replace(
        StartOfMacro().Replace(template, static tag =>
        {
            var copies = string.Concat(NamesOf(tag.Groups["parameters"].Value).Select(static name => $"{{% set {name} = {name} %}}"));
            var dash = tag.Groups["dash"].Value;
            return $"{tag.Value}{{% for scope in [1] %}}{copies}{{% set scope = 1 {dash}%}}";
        }),
        static tag => $"{{%{tag.Groups["dash"].Value} endfor %}}{tag.Value}");

    // a, b=',', c=[1, 2]
    private static List<string> NamesOf(string parameters)
    {
        var names = new List<string>();
        var (depth, quote, start) = (0, '\0', 0);
        for (var i = 0; i <= parameters.Length; i++)
        {
            var c = i < parameters.Length ? parameters[i] : ',';
            if (quote != '\0' && i < parameters.Length)
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == ',' && (depth == 0 || i == parameters.Length))
            {
                var name = parameters[start..i].Split('=')[0].Trim();
                names.AddRange(name.Length > 0 ? [name] : []);
                start = i + 1;
            }
            else
            {
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            }
        }

        return names;
    }

    [GeneratedRegex(@"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\{%[-+]?\s*macro\s+\w+\s*\((?<parameters>[^%]*?)\)\s*(?<dash>-?)[+]?%\}", RegexOptions.Singleline)]
    private static partial Regex StartOfMacro();

    [GeneratedRegex(@"\{%(?<dash>-?)[+]?\s*endmacro\s*[-+]?%\}")]
    private static partial Regex EndOfMacro();
}
