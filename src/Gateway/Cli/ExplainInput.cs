using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Cli;

/// <summary>The prompt that is to be explained.</summary>
/// <param name="Prompt"><c>null</c> when there is a fault.</param>
/// <param name="Model">What the body asks for; empty when it is absent.</param>
/// <param name="Fault">What is wrong with the input; empty when nothing is.</param>
internal sealed record ExplainInput(Prompt? Prompt, string Model, string Fault)
{
    private const string StandardInput = "-";

    /// <summary>Reads it from the command line, a file or standard input.</summary>
    /// <param name="text">The prompt itself, or <c>-</c>; <c>null</c> when a file is named.</param>
    /// <param name="file">A file of JSON, or <c>-</c>; <c>null</c> when there is a text.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ExplainInput> ReadAsync(string? text, string? file, CancellationToken cancellationToken)
    {
        if (text is null == file is null)
        {
            return Refuse("Give either a prompt, as in: explain \"Write a loop\", or a chat body with --file chat.json.");
        }

        if (text is not null and not StandardInput)
        {
            return FromText(text, "The prompt");
        }

        var name = (text ?? file) == StandardInput ? "standard input" : file!;
        byte[] bytes;
        try
        {
            bytes = await ReadBytesAsync(text ?? file!, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(e is FileNotFoundException or DirectoryNotFoundException ? $"{name} does not exist" : $"{name} cannot be read: {e.Message}");
        }

        if (!Utf8.IsValid(bytes))
        {
            return Refuse($"{name} is not UTF-8 text");
        }

        return text is not null && !IsChat(bytes) ? FromText(Encoding.UTF8.GetString(bytes), name) : FromJson(bytes, name);
    }

    private static async Task<byte[]> ReadBytesAsync(string file, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        await using (var input = file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file))
        {
            await input.CopyToAsync(bytes, cancellationToken);
        }

        var read = bytes.ToArray();
        return read.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? read[Encoding.UTF8.Preamble.Length..] : read;
    }

    private static ExplainInput FromText(string text, string name) =>
        string.IsNullOrWhiteSpace(text) ? Refuse($"{name} is empty: there is nothing to explain") : new ExplainInput(Prompt.FromText(text), "", "");

    private static ExplainInput FromJson(byte[] bytes, string name)
    {
        bool isArray;
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth });
            isArray = document.RootElement.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException e)
        {
            var reason = bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0 ? "it is empty" : ChatRequestReader.Explain(e);
            return Refuse($"{name}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}: is not JSON: {reason}");
        }

        var (request, failure) = ChatRequestReader.Read(isArray ? [.. "{\"messages\":"u8, .. bytes, .. "}"u8] : bytes);
        return request is null ? Refuse($"{name}: {failure!.Message}") : new ExplainInput(request.Prompt, request.Model, "");
    }

    // A body or messages, as opposed to a prompt that happens to be JSON.
    private static bool IsChat(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth });
            return document.RootElement switch
            {
                { ValueKind: JsonValueKind.Object } body => body.TryGetProperty("messages"u8, out _),
                { ValueKind: JsonValueKind.Array } messages => messages.GetArrayLength() > 0 && messages.EnumerateArray().All(static message => message.ValueKind == JsonValueKind.Object && message.TryGetProperty("role"u8, out _)),
                _ => false,
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ExplainInput Refuse(string fault) => new(null, "", fault);
}
