using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Turns what a server answers to a call into a result, within the bound that <c>tools.maxResultBytes</c> sets.</summary>
internal static class McpCallResult
{
    /// <summary>Turns an answer into a result.</summary>
    /// <param name="answer">What the server said.</param>
    /// <param name="maxBytes">Most bytes of UTF-8 of the text, and of all blocks together.</param>
    public static ToolResult Create(CallToolResult answer, int maxBytes)
    {
        var texts = answer.Content.OfType<TextContentBlock>().Select(static block => block.Text).ToArray();
        var text = texts.Length == 0 && answer.StructuredContent is { ValueKind: not JsonValueKind.Undefined } structured ? structured.GetRawText() : string.Join('\n', texts);
        var hasMore = answer.Content.Any(static block => block is not TextContentBlock);
        return new ToolResult(Cut(text, maxBytes), answer.IsError == true) { Blocks = hasMore ? Cut(answer.Content, maxBytes) : null };
    }

    /// <summary>Cuts a text between two characters, so that it is valid UTF-8 of at most so many bytes.</summary>
    public static string Cut(string text, int maxBytes)
    {
        if (text.Length <= maxBytes / 3 || Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = 0;
        var characters = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > maxBytes)
            {
                break;
            }

            characters += rune.Utf16SequenceLength;
        }

        return text[..characters];
    }

    /// <summary>Keeps the blocks that fit: half an image is none, half a text is one.</summary>
    private static List<ContentBlock> Cut(IList<ContentBlock> blocks, int maxBytes)
    {
        var kept = new List<ContentBlock>(blocks.Count);
        foreach (var block in blocks)
        {
            var bytes = block is TextContentBlock text ? Encoding.UTF8.GetByteCount(text.Text) : JsonSerializer.SerializeToUtf8Bytes(block, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ContentBlock))).Length;
            if (bytes <= maxBytes)
            {
                kept.Add(block);
                maxBytes -= bytes;
            }
            else if (block is TextContentBlock { Text: var whole } && maxBytes > 0)
            {
                kept.Add(new TextContentBlock { Text = Cut(whole, maxBytes) });
                maxBytes = 0;
            }
        }

        return kept;
    }
}
