using System.Collections.Immutable;
using System.Text.Json;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>What a request says about tools: <c>tool_selection</c>, <c>tool_execution</c> and <c>tool_choice</c>.</summary>
/// <remarks>
/// <c>tool_selection</c>: <c>"auto"</c>, <c>"none"</c>, or <c>{"top":5,"names":["get_weather"]}</c>.
/// <c>tool_execution</c>: <c>"gateway"</c>, <c>"client"</c>, or <c>{"max_rounds":4}</c>, which means the gateway.
/// </remarks>
internal sealed record ToolFields
{
    private const int MostTop = 128;
    private const int MostRounds = 64;

    /// <summary>How many tools are to be selected; <c>null</c>: not said; -1: as many as the operator thinks right.</summary>
    public int? Top { get; private init; }

    /// <summary>Tools to be offered, whatever the selection finds.</summary>
    public ImmutableArray<string> Names { get; private init; } = [];

    /// <summary>Whether the gateway runs the tools; <c>null</c>: not said.</summary>
    public bool? Execute { get; private init; }

    /// <summary>Most rounds; <c>null</c>: not said.</summary>
    public int? MaxRounds { get; private init; }

    /// <summary>The caller wants no tool called.</summary>
    public bool ForbidsTools { get; private init; }

    /// <summary>The caller demands that some tool be called.</summary>
    public bool RequiresTool { get; private init; }

    /// <summary>The one function that the caller wants called; <c>null</c>: any, or none.</summary>
    public string? Chosen { get; private init; }

    /// <returns>The fields, or why they are refused.</returns>
    public static (ToolFields? Fields, GatewayFailure? Failure) Read(ChatRequest chat, ReadOnlyMemory<byte> body)
    {
        var fields = new ToolFields();
        var failure = TextFault(body, chat.ToolSelection, "tool_selection") ?? TextFault(body, chat.ToolExecution, "tool_execution");
        if (failure is null && Value(body, chat.ToolSelection) is { ValueKind: not JsonValueKind.Null } selection)
        {
            (fields, failure) = fields.ReadSelection(selection);
        }

        if (failure is null && Value(body, chat.ToolExecution) is { ValueKind: not JsonValueKind.Null } execution)
        {
            (fields, failure) = fields.ReadExecution(execution);
        }

        if (failure is null && TextFault(body, chat.ToolChoice, "") is null && Value(body, chat.ToolChoice) is { } choice) // a faulty choice is the backend's business
        {
            fields = fields with { ForbidsTools = Is(choice, "none"u8), RequiresTool = Is(choice, "required"u8) || RequiresOneOfSome(choice), Chosen = NameOf(choice) };
        }

        return failure is null ? (fields, null) : (null, failure);
    }

    private (ToolFields Fields, GatewayFailure? Failure) ReadSelection(JsonElement selection)
    {
        const string Expected = "\"tool_selection\" must be \"auto\", \"none\", or an object such as {\"top\": 5, \"names\": [\"get_weather\"]}.";
        if (selection.ValueKind == JsonValueKind.String)
        {
            return selection.ValueEquals("auto"u8) ? (this with { Top = -1 }, null)
                : selection.ValueEquals("none"u8) ? (this with { Top = 0 }, null)
                : Refuse(Expected, "tool_selection");
        }

        if (selection.ValueKind != JsonValueKind.Object)
        {
            return Refuse(Expected, "tool_selection");
        }

        var fields = this with { Top = selection.TryGetProperty("names"u8, out _) ? 0 : -1 };
        foreach (var member in selection.EnumerateObject())
        {
            if (member.NameEquals("top"u8) && member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var top) && top is >= 0 and <= MostTop)
            {
                fields = fields with { Top = top };
            }
            else if (member.NameEquals("names"u8) && ReadNames(member.Value) is { } names)
            {
                fields = fields with { Names = names };
            }
            else
            {
                return member.NameEquals("top"u8) ? Refuse($"\"tool_selection.top\" must be a whole number from 0 to {MostTop}.", "tool_selection.top")
                    : member.NameEquals("names"u8) ? Refuse("\"tool_selection.names\" must be a list of names of registered tools.", "tool_selection.names")
                    : Refuse("\"tool_selection\" may hold \"top\" and \"names\" only.", "tool_selection");
            }
        }

        return (fields, null);
    }

    private (ToolFields Fields, GatewayFailure? Failure) ReadExecution(JsonElement execution)
    {
        const string Expected = "\"tool_execution\" must be \"gateway\", \"client\", or an object such as {\"max_rounds\": 4}.";
        if (execution.ValueKind == JsonValueKind.String)
        {
            return execution.ValueEquals("gateway"u8) ? (this with { Execute = true }, null)
                : execution.ValueEquals("client"u8) ? (this with { Execute = false }, null)
                : Refuse(Expected, "tool_execution");
        }

        if (execution.ValueKind != JsonValueKind.Object || execution.EnumerateObject().Any(static member => !member.NameEquals("max_rounds"u8)))
        {
            return Refuse(Expected, "tool_execution");
        }

        if (!execution.TryGetProperty("max_rounds"u8, out var rounds))
        {
            return (this with { Execute = true }, null);
        }

        return rounds.ValueKind == JsonValueKind.Number && rounds.TryGetInt32(out var most) && most is >= 1 and <= MostRounds
            ? (this with { Execute = true, MaxRounds = most }, null)
            : Refuse($"\"tool_execution.max_rounds\" must be a whole number from 1 to {MostRounds}.", "tool_execution.max_rounds");
    }

    private static ImmutableArray<string>? ReadNames(JsonElement names)
    {
        if (names.ValueKind != JsonValueKind.Array || names.GetArrayLength() > MostTop || names.EnumerateArray().Any(static name => name.ValueKind != JsonValueKind.String))
        {
            return null;
        }

        return [.. names.EnumerateArray().Select(static name => name.GetString()!).Distinct(StringComparer.Ordinal)];
    }

    // {"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[...]}}
    private static bool RequiresOneOfSome(JsonElement choice) =>
        choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("allowed_tools"u8, out var allowed) && allowed.ValueKind == JsonValueKind.Object
        && allowed.TryGetProperty("mode"u8, out var mode) && Is(mode, "required"u8);

    private static bool Is(JsonElement choice, ReadOnlySpan<byte> text) => choice.ValueKind == JsonValueKind.String && choice.ValueEquals(text);

    // {"type":"function","function":{"name":"x"}}
    private static string? NameOf(JsonElement choice)
    {
        if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("function"u8, out var function) && function.ValueKind == JsonValueKind.Object
            && function.TryGetProperty("name"u8, out var name) && name.ValueKind == JsonValueKind.String)
        {
            return name.GetString();
        }

        return null;
    }

    private static JsonElement? Value(ReadOnlyMemory<byte> body, Range range)
    {
        var (start, length) = range.GetOffsetAndLength(body.Length);
        return length == 0 ? null : JsonElement.Parse(body.Span.Slice(start, length), new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth });
    }

    private static GatewayFailure? TextFault(ReadOnlyMemory<byte> body, Range range, string param) => JsonUnicode.IsValid(body.Span[range])
        ? null
        : new GatewayFailure(GatewayError.InvalidRequest, $"\"{param}\" holds {JsonUnicode.Fault}.", param);

    private (ToolFields, GatewayFailure?) Refuse(string message, string param) => (this, new GatewayFailure(GatewayError.InvalidRequest, message, param));
}
