using System.Text.Json;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>Reads the messages of an event stream as they come.</summary>
internal sealed class EventReader(HttpResponseMessage response) : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60); // only so that a broken test ends

    private StreamReader? _reader;

    /// <summary>Comments between the messages read so far.</summary>
    public int Comments { get; private set; }

    public async Task<JsonElement> NextAsync()
    {
        using var bound = new CancellationTokenSource(_patience);
        _reader ??= new StreamReader(await response.Content.ReadAsStreamAsync(bound.Token));
        while (await _reader.ReadLineAsync(bound.Token) is { } line)
        {
            Comments += line.StartsWith(':') ? 1 : 0;
            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line["data: ".Length..]);
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }

    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }
}
