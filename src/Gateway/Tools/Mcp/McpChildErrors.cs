using System.Text;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Reads what a child writes to standard error, all of it so that it never blocks, and keeps little.</summary>
internal sealed partial class McpChildErrors(string serverId, ILogger logger)
{
    private const int LongestLine = 1000;
    private const int MostLines = 10_000;

    private readonly StringBuilder _line = new(LongestLine);
    private int _lines;
    private volatile string? _lastLine;

    /// <summary>The last line with anything in it, cut; <c>null</c>: there was none.</summary>
    public string? LastLine => _lastLine;

    public async Task ReadAsync(StreamReader errors)
    {
        var buffer = new char[4096];
        try
        {
            while (await errors.ReadAsync(buffer) is > 0 and var read)
            {
                Take(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // the process is gone
        }

        EndLine();
    }

    private void Take(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (character == '\n')
            {
                EndLine();
            }
            else if (_line.Length < LongestLine)
            {
                _line.Append(char.IsControl(character) ? ' ' : character); // a log line stays one
            }
        }
    }

    private void EndLine()
    {
        var line = _line.ToString().Trim();
        _line.Clear();
        if (line.Length == 0)
        {
            return;
        }

        _lastLine = line;
        if (_lines < MostLines)
        {
            _lines++;
            LogLine(logger, serverId, line);
        }
    }

    [LoggerMessage(EventId = 1332, Level = LogLevel.Debug, Message = "MCP server {ServerId}: {Line}")]
    private static partial void LogLine(ILogger logger, string serverId, string line);
}
