using Microsoft.ML.OnnxRuntimeGenAI;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Prompts;

/// <summary>What is expected is what Jinja gives with trim_blocks and lstrip_blocks.</summary>
public sealed class TemplateTextTests : IDisposable
{
    private readonly Model _model = new(Repository.Model("sample-coding"));

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("a\n{% if true %}\nb\n{% endif %}\n  {% set x = 1 %}\nc", "a\nb\nc")]
    [InlineData("  {# a comment #}\n  {{ 'x' }}\n  y {% if true %}z{% endif %}\n", "  x\n  y z")]
    [InlineData("a\n  {%- if true -%}\n  b\n{%- endif %}\n\nc", "ab\nc")]
    [InlineData("{% macro f(a, b=',', c=[1, 2]) %}{{ a }}{{ b }}{{ c | length }}{% endmacro %}{{ f('x') }}{{ f('y', b='z') }}", "x,2yz2")]
    [InlineData("{%- macro f(n) -%}\n{%- set ns = namespace(n=n) -%}\n{%- if n > 0 -%}{{ f(n - 1) }}{%- endif -%}\n{{ n }}{{ ns.n }}{%- endmacro -%}\n{% set ns = namespace(n='own') %}{{ f(2) }}{{ ns.n }}", "001122own")]
    [InlineData("{%- macro f(x) %} [{{ x }}] {% endmacro -%}\n  {{ f(1) }}", " [1] ")]
    [InlineData("{{ 'abz-Ä1' | upper }}|{{ messages[0]['missing'] | upper }}|{{ ['string', 'null'] | upper }}|{{ ['a'] | map('upper') | list }}", "ABZ-Ä1||['STRING', 'NULL']|['A']")]
    public void Prepare_ATemplate_RendersAsJinjaDoes(string template, string expected)
    {
        using var tokenizer = new Tokenizer(_model);

        var rendered = tokenizer.ApplyChatTemplate(TemplateText.Prepare(template), """[{"role":"user","content":"c"}]""", null, add_generation_prompt: true);

        Assert.Equal(expected, rendered);
    }
}
