using System.Collections.Immutable;
using System.Text;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Tools.Rounds;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

public sealed class PausedLoopsTests
{
    private static readonly ImmutableArray<PromptMessage> _asked = [new(PromptRole.User, "Who am I?")];

    [Fact]
    public void Find_SameIdInAnotherConversation_FindsNothing()
    {
        using var loops = new PausedLoops();
        loops.Keep("owner", _asked, Call("functions.mine:0"), "{}"u8); // some models number their calls so

        var same = loops.Find("owner", Back(_asked), Body("functions.mine:0"));
        var other = loops.Find("owner", Back([new(PromptRole.User, "Something else")]), Body("functions.mine:0"));
        var stranger = loops.Find("stranger", Back(_asked), Body("functions.mine:0"));

        Assert.Equal("{},", Encoding.UTF8.GetString(Assert.Single(same).Messages.Span));
        Assert.Empty(other);
        Assert.Empty(stranger);
    }

    [Fact]
    public void Keep_MoreThanItsBytes_StaysBounded()
    {
        using var loops = new PausedLoops();
        for (var i = 0; i < 200; i++)
        {
            loops.Keep("owner", _asked, Call($"call_{i}"), new byte[1 << 20]);
        }

        var found = Enumerable.Range(0, 200).Count(i => loops.Find("owner", Back(_asked), Body($"call_{i}")).Count > 0);

        Assert.InRange(found, 0, 64);
    }

    private static ChatRequest Back(ImmutableArray<PromptMessage> asked) =>
        new() { Prompt = new Prompt { Messages = [.. asked, new(PromptRole.Assistant, ""), new(PromptRole.Tool, "done")] } };

    private static RequestedCall Call(string id) => new(id, "mine", "{}", IsForCaller: true);

    private static byte[] Body(string id) => Encoding.UTF8.GetBytes(
        $$$"""{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"{{{id}}}","function":{"name":"mine"}}]}]}""");
}
