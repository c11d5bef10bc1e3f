using System.Text.Json;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>What changes in a chat completion request for the sake of tools; everything else keeps its bytes.</summary>
internal sealed record BodyEdits
{
    /// <summary>Tools put behind the caller's own.</summary>
    public IReadOnlyList<RegisteredTool> AddedTools { get; init; } = [];

    /// <summary>Messages put behind the caller's, as JSON objects separated by commas; empty: none.</summary>
    public ReadOnlyMemory<byte> AddedMessages { get; init; }

    /// <summary>Messages put in between: where in the body they start, and the objects, each followed by a comma.</summary>
    public IReadOnlyList<(int Offset, ReadOnlyMemory<byte> Messages)> InsertedMessages { get; init; } = [];

    /// <summary>JSON in place of the caller's <c>tool_choice</c>; <c>null</c>: the caller's stays.</summary>
    public string? ToolChoice { get; init; }

    /// <summary>Writes the edited body. Our own fields go: a strict backend would refuse them.</summary>
    /// <param name="body">The caller's body, which was read as <paramref name="chat"/>.</param>
    /// <param name="chat">What was read.</param>
    public (RequestBody Body, ChatRequest Chat) Apply(ReadOnlySpan<byte> body, ChatRequest chat)
    {
        var edited = new MemoryStream(body.Length + AddedMessages.Length + AddedTools.Sum(static tool => tool.FunctionJson.Length + 1) + InsertedMessages.Sum(static inserted => inserted.Messages.Length) + 64);
        edited.WriteByte((byte)'{');
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        var (model, hasTools, hasChoice) = (default(Range), false, false);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)json.TokenStartIndex;
            var (isModel, isMessages, isTools, isChoice) = (json.ValueTextEquals("model"u8), json.ValueTextEquals("messages"u8), json.ValueTextEquals("tools"u8), json.ValueTextEquals("tool_choice"u8));
            var isOurs = json.ValueTextEquals("tool_selection"u8) || json.ValueTextEquals("tool_execution"u8);
            json.Read();
            var value = (int)json.TokenStartIndex;
            json.Skip();
            var end = (int)json.BytesConsumed;
            if (isOurs)
            {
                continue;
            }

            Separate(edited);
            edited.Write(body[name..value]);
            var written = (int)edited.Length;
            if (isMessages)
            {
                WriteMessages(edited, body, value, end);
            }
            else if (isTools)
            {
                WriteTools(edited, body[value..end]);
            }
            else
            {
                edited.Write(isChoice && ToolChoice is not null ? System.Text.Encoding.UTF8.GetBytes(ToolChoice) : body[value..end]);
            }

            (model, hasTools, hasChoice) = (isModel ? written..(int)edited.Length : model, hasTools || isTools, hasChoice || isChoice);
        }

        AddMissing(edited, hasTools, hasChoice);
        edited.WriteByte((byte)'}');
        return (RequestBody.Of(edited.GetBuffer(), (int)edited.Length), chat with { ModelValue = model, FirstMember = 1, HasMembers = edited.Length > 2 });
    }

    private void AddMissing(MemoryStream edited, bool hasTools, bool hasChoice)
    {
        if (!hasTools && AddedTools.Count > 0)
        {
            Separate(edited);
            edited.Write("\"tools\":"u8);
            WriteTools(edited, "[]"u8);
            hasTools = true;
        }

        if (!hasChoice && ToolChoice is not null && hasTools) // without tools, backends refuse a choice
        {
            Separate(edited);
            edited.Write("\"tool_choice\":"u8);
            edited.Write(System.Text.Encoding.UTF8.GetBytes(ToolChoice));
        }
    }

    private void WriteMessages(MemoryStream edited, ReadOnlySpan<byte> body, int start, int end)
    {
        foreach (var (offset, messages) in InsertedMessages)
        {
            edited.Write(body[start..offset]);
            edited.Write(messages.Span);
            start = offset;
        }

        edited.Write(body[start..(end - 1)]);
        if (!AddedMessages.IsEmpty)
        {
            edited.WriteByte((byte)','); // a request has at least one message
            edited.Write(AddedMessages.Span);
        }

        edited.WriteByte((byte)']');
    }

    private void WriteTools(MemoryStream edited, ReadOnlySpan<byte> tools)
    {
        if (AddedTools.Count == 0)
        {
            edited.Write(tools);
            return;
        }

        var own = tools.SequenceEqual("null"u8) ? "[]"u8 : tools;
        edited.Write(own[..^1]);
        var needsComma = own[1..^1].IndexOfAnyExcept(" \t\r\n"u8) >= 0;
        foreach (var tool in AddedTools)
        {
            edited.Write(needsComma ? ","u8 : ""u8);
            edited.Write(tool.FunctionJson.Span);
            needsComma = true;
        }

        edited.WriteByte((byte)']');
    }

    private static void Separate(MemoryStream edited)
    {
        if (edited.Length > 1)
        {
            edited.WriteByte((byte)',');
        }
    }
}
