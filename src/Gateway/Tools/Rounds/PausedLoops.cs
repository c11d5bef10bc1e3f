using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>What the gateway's tools brought in loops that went back to the caller because a tool of its own was called.</summary>
/// <remarks>
/// The caller's history has nothing of these rounds. When it comes back with the result of its own tool, they are put in again before the
/// message with that call, so that the model neither forgets nor repeats them. Kept in this process, bounded; when they are lost, the model
/// asks once more.
/// </remarks>
internal sealed class PausedLoops : IDisposable
{
    private const long MostBytes = 64L << 20;

    private static readonly TimeSpan _keepFor = TimeSpan.FromMinutes(30);

    private readonly MemoryCache _rounds = new(new MemoryCacheOptions { SizeLimit = MostBytes }, NullLoggerFactory.Instance);

    /// <param name="owner">Who asks; nobody else gets them back.</param>
    /// <param name="calls">The calls that the caller was given.</param>
    /// <param name="messages">JSON objects separated by commas.</param>
    public void Keep(string owner, IEnumerable<RequestedCall> calls, ReadOnlyMemory<byte> messages)
    {
        var first = true;
        foreach (var call in calls) // the first call of the message finds them, the others need not
        {
            if (first)
            {
                byte[] kept = [.. messages.Span, (byte)','];
                _rounds.Set(Key(owner, call.Id), kept, new MemoryCacheEntryOptions { Size = kept.Length, SlidingExpiration = _keepFor });
            }

            first = false;
        }
    }

    /// <summary>Finds where in a request something is to be put in again.</summary>
    public IReadOnlyList<(int Offset, ReadOnlyMemory<byte> Messages)> Find(string owner, ReadOnlySpan<byte> body)
    {
        if (_rounds.Count == 0)
        {
            return [];
        }

        var found = new List<(int, ReadOnlyMemory<byte>)>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        var (inMessages, message, isId, inCalls) = (false, 0, false, false);
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName when json.CurrentDepth == 1:
                    inMessages = json.ValueTextEquals("messages"u8);
                    break;
                case JsonTokenType.StartObject when inMessages && json.CurrentDepth == 2:
                    message = (int)json.TokenStartIndex;
                    break;
                case JsonTokenType.PropertyName when inMessages && json.CurrentDepth == 3:
                    inCalls = json.ValueTextEquals("tool_calls"u8);
                    break;
                case JsonTokenType.PropertyName when inCalls && json.CurrentDepth == 5:
                    isId = json.ValueTextEquals("id"u8);
                    break;
                case JsonTokenType.String when inCalls && isId && json.CurrentDepth == 5 && !json.ValueIsEscaped:
                    if (_rounds.TryGetValue(Key(owner, json.GetString()!), out byte[]? messages))
                    {
                        found.Add((message, messages));
                    }

                    break;
                default:
                    break;
            }
        }

        return found;
    }

    public void Dispose() => _rounds.Dispose();

    private static Digest Key(string owner, string callId) => Digest.Of($"{owner}\n{callId}");
}
