using System.Text.Json;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Protocols;

/// <summary>A body of POST /v1/route: a chat completion request, <c>{"input": "..."}</c>, or <c>{"inputs": [...]}</c>.</summary>
internal sealed record RouteRequest(IReadOnlyList<Prompt> Prompts, bool IsBatch)
{
    private const int MaxInputs = 10_000;

    /// <returns>The prompts, or the failure to answer with; never both.</returns>
    public static (RouteRequest? Request, GatewayFailure? Failure) Read(ReadOnlyMemory<byte> body, IHeaderDictionary headers)
    {
        if (!MentionsInput(body.Span))
        {
            var (chat, failure) = ChatRequestReader.Read(body.Span);
            return (chat is null ? null : new RouteRequest([Caller.Identify(chat, body.Span, headers, Caller.TenantOf(headers))], IsBatch: false), failure);
        }

        var tenant = Caller.TenantOf(headers);
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth }); // MentionsInput read it whole
        var root = document.RootElement;
        if (root.TryGetProperty("input"u8, out var input))
        {
            return input.ValueKind == JsonValueKind.String && Text(input) is { } text
                ? (new RouteRequest([Prompt(text, tenant)], IsBatch: false), null)
                : Refuse("input", "a string");
        }

        var inputs = root.GetProperty("inputs"u8);
        if (inputs.ValueKind != JsonValueKind.Array || inputs.GetArrayLength() is 0 or > MaxInputs)
        {
            return Refuse("inputs", $"an array of 1 to {MaxInputs} strings");
        }

        var prompts = new List<Prompt>(inputs.GetArrayLength());
        foreach (var element in inputs.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.String || Text(element) is not { } text)
            {
                return Refuse($"inputs[{prompts.Count}]", "a string");
            }

            prompts.Add(Prompt(text, tenant));
        }

        return (new RouteRequest(prompts, IsBatch: true), null);
    }

    /// <summary>True for a valid JSON object with a member <c>input</c> or <c>inputs</c>; all else is left to the chat reader's errors.</summary>
    private static bool MentionsInput(ReadOnlySpan<byte> body)
    {
        var found = false;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read())
            {
                found |= reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName
                    && (reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("inputs"u8));
            }

            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a name that is half a surrogate pair
        {
            return false;
        }
    }

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException) // an escaped surrogate without its pair
        {
            return null;
        }
    }

    private static Prompt Prompt(string text, string tenant) => Router.Prompts.Prompt.FromText(text) with { Tenant = tenant };

    private static (RouteRequest?, GatewayFailure?) Refuse(string path, string expected) =>
        (null, new GatewayFailure(GatewayError.InvalidRequest, $"\"{path}\" must be {expected}.", path));
}
