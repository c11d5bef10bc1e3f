using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Protocols;

/// <summary>What the gateway needs to know of a chat completion request; the body itself is forwarded as it came.</summary>
internal sealed record ChatRequest
{
    public required Prompt Prompt { get; init; }

    /// <summary>The model that the client asked for; empty when the field is absent or null.</summary>
    public string Model { get; init; } = "";

    public bool Stream { get; init; }

    /// <summary>How many answers the client wants (<c>n</c>).</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Where the list of <c>tools</c> stands in the body; length 0 when there is none.</summary>
    public Range Tools { get; init; }

    /// <summary>Where the value of <c>tool_choice</c> stands; length 0 when there is none.</summary>
    public Range ToolChoice { get; init; }

    /// <summary>Where the value of our own field <c>tool_selection</c> stands; length 0 when there is none.</summary>
    public Range ToolSelection { get; init; }

    /// <summary>Where the value of our own field <c>tool_execution</c> stands; length 0 when there is none.</summary>
    public Range ToolExecution { get; init; }

    /// <summary>Where the value of <c>model</c> stands in the body; length 0 when there is none.</summary>
    public Range ModelValue { get; init; }

    /// <summary>Offset just behind the body's opening brace, where a missing <c>model</c> is put.</summary>
    public int FirstMember { get; init; }

    /// <summary>Whether the body has any member, so that a comma must follow an inserted one.</summary>
    public bool HasMembers { get; init; }
}
