using System.Globalization;
using System.Net;
using System.Text;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Makes results of answers, within limits. Nothing is parsed: JSON of any depth is text.</summary>
/// <param name="maxBytes">Most UTF-8 bytes of a result.</param>
/// <param name="secrets">What must not be seen in it.</param>
internal sealed class HttpToolAnswer(int maxBytes, SentSecrets secrets)
{
    private const int LongestErrorCharacters = 2_000;
    private const int ReadBytes = 16 * 1024;
    private const int WidestBytes = 4; // of a character
    private const int NoteBytes = 64;

    /// <summary>Reads an answer that is no redirect.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="HttpRequestException">The same.</exception>
    public async Task<ToolResult> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is >= 200 and < 300)
        {
            return await ReadSuccessAsync(response.Content, cancellationToken);
        }

        var isToolFault = status >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests;
        return new ToolResult(await ReadErrorAsync(status, response.Content, cancellationToken), IsError: true) { IsToolFault = isToolFault };
    }

    private async Task<ToolResult> ReadSuccessAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var headers = content.Headers;
        if (headers.ContentEncoding.Any(static encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            return ToolResult.Broken("The tool answered with compressed content though none was asked for."); // what it becomes is not known before
        }

        if (!AnswerText.IsText(headers.ContentType?.MediaType) && headers.ContentLength != 0)
        {
            var (length, isWhole) = headers.ContentLength is { } known ? (known, true) : await CountAsync(content, cancellationToken);
            return new ToolResult(secrets.Redact(string.Create(CultureInfo.InvariantCulture,
                $"{headers.ContentType!.MediaType}, {(isWhole ? "" : "more than ")}{length} bytes: not text")), IsError: true);
        }

        var (bytes, isCut) = await ReadBytesAsync(content, (long)maxBytes + secrets.LongestBytes, cancellationToken);
        return AnswerText.TryDecode(bytes.Span, isCut, headers.ContentType, out var text, out var fault)
            ? new ToolResult(Cut(secrets.Redact(text, isCut), isCut))
            : new ToolResult(string.Create(CultureInfo.InvariantCulture, $"The tool answered with {fault}, {bytes.Length} bytes."), IsError: true);
    }

    private async Task<string> ReadErrorAsync(int status, HttpContent content, CancellationToken cancellationToken)
    {
        var answered = string.Create(CultureInfo.InvariantCulture, $"The tool answered {status}");
        if (content.Headers.ContentEncoding.Count > 0 || !AnswerText.IsText(content.Headers.ContentType?.MediaType))
        {
            return answered + ".";
        }

        var (bytes, isCut) = await ReadBytesAsync(content, (LongestErrorCharacters * WidestBytes) + secrets.LongestBytes, cancellationToken);
        if (!AnswerText.TryDecode(bytes.Span, isCut, content.Headers.ContentType, out var text, out _) || string.IsNullOrWhiteSpace(text))
        {
            return answered + ".";
        }

        text = secrets.Redact(text, isCut).Trim();
        return $"{answered}: {(text.Length <= LongestErrorCharacters ? text : text[..(LongestErrorCharacters - (char.IsHighSurrogate(text[LongestErrorCharacters - 1]) ? 1 : 0))])}";
    }

    // with a note that is part of the limit
    private string Cut(string text, bool isCut)
    {
        if (!isCut && Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var most = Math.Max(maxBytes - NoteBytes, 0);
        var (kept, characters) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept + rune.Utf8SequenceLength > most)
            {
                break;
            }

            (kept, characters) = (kept + rune.Utf8SequenceLength, characters + rune.Utf16SequenceLength);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, characters)}\n[cut: only the first {kept} bytes are here]");
    }

    private static async Task<(ReadOnlyMemory<byte> Bytes, bool IsCut)> ReadBytesAsync(HttpContent content, long most, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream(); // grows with what comes, not with what a Content-Length promises
        var buffer = new byte[ReadBytes];
        while (bytes.Length <= most && await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            bytes.Write(buffer, 0, read);
        }

        return bytes.Length > most ? (bytes.GetBuffer().AsMemory(0, (int)most), true) : (bytes.GetBuffer().AsMemory(0, (int)bytes.Length), false);
    }

    private static async Task<(long Bytes, bool IsWhole)> CountAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var (bytes, isCut) = await ReadBytesAsync(content, ReadBytes * 4, cancellationToken);
        return (bytes.Length, !isCut);
    }
}
