namespace RouterGateway.Router.Prompts;

/// <summary>Shortens long texts to their two ends: that is where people say what they want.</summary>
internal static class HeadAndTail
{
    /// <summary>Returns the text when it is short enough, else its head and its tail with a line feed between them.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="longest">Most characters, 2 or more.</param>
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var head = longest / 2;
        var tail = text.Length - (longest - head - 1);
        head -= char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
        tail += tail < text.Length && char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, head), "\n", text.AsSpan(tail));
    }
}
