namespace RouterGateway.Gateway.Streaming;

/// <summary>Finds the events in the bytes of a stream (WHATWG HTML, section 9.2: lines end in LF, CR or CR LF).</summary>
internal static class ServerSentEvents
{
    /// <summary>Splits off the first complete event: everything up to and with its empty line.</summary>
    /// <param name="bytes">The bytes not yet taken.</param>
    /// <param name="isEnd">No more bytes will come, so a CR at the end is a whole line end.</param>
    /// <param name="length">Bytes of the event with its empty line.</param>
    public static bool TryTakeEvent(ReadOnlySpan<byte> bytes, bool isEnd, out int length)
    {
        var lineStart = 0;
        while (TryFindLineEnd(bytes, lineStart, isEnd, out var lineEnd, out var next))
        {
            if (lineEnd == lineStart)
            {
                length = next;
                return true;
            }

            lineStart = next;
        }

        length = 0;
        return false;
    }

    /// <summary>Reads the facts of one complete event.</summary>
    public static void ReadFacts(ReadOnlySpan<byte> serverSentEvent, ref CompletionFacts facts)
    {
        var start = 0;
        var isError = false;
        while (TryFindLineEnd(serverSentEvent, start, isEnd: true, out var lineEnd, out var next))
        {
            var line = serverSentEvent[start..lineEnd];
            start = next;
            if (line.StartsWith("data:"u8))
            {
                var data = line["data:"u8.Length..].TrimStart((byte)' ');
                if (data.SequenceEqual("[DONE]"u8))
                {
                    facts.IsFinished = true;
                }
                else if (data.Length > 0)
                {
                    CompletionFactsReader.TryRead(data, ref facts); // a chunk that is not JSON is the client's to judge: bytes are relayed as they are
                }
            }
            else if (line.StartsWith("event:"u8))
            {
                isError = line["event:"u8.Length..].Trim((byte)' ').SequenceEqual("error"u8);
            }
        }

        facts.HasError |= isError;
    }

    /// <summary>The data of one complete event, its lines joined by line feeds; empty when it has none.</summary>
    public static byte[] Data(ReadOnlySpan<byte> serverSentEvent)
    {
        var data = new List<byte>();
        var start = 0;
        while (TryFindLineEnd(serverSentEvent, start, isEnd: true, out var lineEnd, out var next))
        {
            var line = serverSentEvent[start..lineEnd];
            start = next;
            if (line.StartsWith("data:"u8))
            {
                data.AddRange(data.Count > 0 ? "\n"u8 : ""u8);
                data.AddRange(line["data:"u8.Length..].TrimStart((byte)' '));
            }
        }

        return [.. data];
    }

    private static bool TryFindLineEnd(ReadOnlySpan<byte> bytes, int start, bool isEnd, out int lineEnd, out int next)
    {
        lineEnd = start;
        next = start;
        var offset = bytes[start..].IndexOfAny((byte)'\n', (byte)'\r');
        if (offset < 0)
        {
            return false;
        }

        lineEnd = start + offset;
        next = lineEnd + 1;
        if (bytes[lineEnd] == '\r')
        {
            if (next == bytes.Length && !isEnd)
            {
                return false; // the LF of a CR LF may still come
            }

            next += next < bytes.Length && bytes[next] == '\n' ? 1 : 0;
        }

        return true;
    }
}
