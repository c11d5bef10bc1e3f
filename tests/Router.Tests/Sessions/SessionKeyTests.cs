using RouterGateway.Router.Prompts;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Router.Tests.Sessions;

public sealed class SessionKeyTests
{
    private static readonly Prompt _first = new() { Messages = [new(PromptRole.System, "Be brief."), new(PromptRole.User, "Write a loop")] };

    private static readonly Prompt _second = _first with
    {
        Messages = [.. _first.Messages, new(PromptRole.Assistant, "for (;;) {}"), new(PromptRole.User, "And now in Rust, please")],
    };

    [Fact]
    public void Of_TheNextTurn_IsTheSame()
    {
        Assert.Equal(SessionKey.Of(_first), SessionKey.Of(_second));
        Assert.Equal(SessionKey.Of(_first with { User = "ada" }), SessionKey.Of(_second with { User = "ada" }));
        Assert.Equal(SessionKey.Of(_first with { SessionId = "s1" }), SessionKey.Of(Prompt.FromText("another text") with { SessionId = "s1" }));
    }

    [Fact]
    public void Of_AnotherBeginningPersonTenantOrTools_IsAnother()
    {
        Prompt[] prompts =
        [
            _first,
            _first with { Tenant = "a" },
            _first with { ToolsHash = 7 },
            _first with { User = "ada" },
            _first with { User = "bob" },
            _first with { SessionId = "s1" },
            _first with { SessionId = "s2" },
            _first with { SessionId = "s1", Tenant = "a" },
            _first with { Messages = [_first.Messages[0], new(PromptRole.User, "Write a poem")] },
            _first with { Messages = [new(PromptRole.System, "Be long."), _first.Messages[1]] },
            _first with { Messages = [new(PromptRole.System, "Be "), new(PromptRole.System, "brief."), _first.Messages[1]] },
            Prompt.FromText("Write a loop"),
        ];

        Assert.Equal(prompts.Length, prompts.Select(SessionKey.Of).Distinct().Count());
    }

    [Fact]
    public void Of_NothingToTellItBy_IsNull()
    {
        Assert.Null(SessionKey.Of(new Prompt { Messages = [] }));
        Assert.Null(SessionKey.Of(new Prompt { Messages = [new(PromptRole.System, "Be brief.")] }));
    }

    [Fact]
    public void Of_ANamedOne_SaysSo()
    {
        Assert.True(SessionKey.Of(_first with { SessionId = "s1" })!.Value.IsNamed);
        Assert.False(SessionKey.Of(_first with { User = "ada" })!.Value.IsNamed);
        Assert.False(SessionKey.Of(_first)!.Value.IsNamed);
    }
}
