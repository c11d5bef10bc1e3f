using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Tests.Prompts;

public sealed class RenderedTemplatesTests
{
    [Fact]
    public void GetOrRender_TheSameAgain_IsRenderedOnce()
    {
        var rendered = new RenderedTemplates();
        var count = 0;
        string Render(string head, string messages) => $"{head}{messages}{++count}";

        Assert.Equal("ab1", rendered.GetOrRender("a", "b", Render));
        Assert.Equal("ab1", rendered.GetOrRender("a", "b", Render));
        Assert.Equal("ab2", rendered.GetOrRender("", "ab", Render));
        Assert.Equal("ac3", rendered.GetOrRender("a", "c", Render));
    }

    [Fact]
    public void GetOrRender_WhatThrows_IsNotRemembered()
    {
        var rendered = new RenderedTemplates();

        Assert.Throws<ChatTemplateException>(() => rendered.GetOrRender("", "m", static (_, _) => throw new ChatTemplateException("no", null)));
        Assert.Equal("m", rendered.GetOrRender("", "m", static (_, messages) => messages));
    }

    [Fact]
    public void GetOrRender_MoreThanIsKept_StaysBounded()
    {
        var rendered = new RenderedTemplates();
        var text = new string('x', 1 << 20);

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(text, rendered.GetOrRender("", $"{i}", (_, _) => text));
        }

        Assert.InRange(rendered.Count, 0, 9);
    }
}
