using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router;
using RouterGateway.Router.Prompts;

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
    /// <param name="asked">The messages of the caller's request.</param>
    /// <param name="calls">The calls that the caller was given.</param>
    /// <param name="messages">JSON objects separated by commas.</param>
    public void Keep(string owner, IReadOnlyList<PromptMessage> asked, IEnumerable<RequestedCall> calls, ReadOnlyMemory<byte> messages)
    {
        var first = true;
        foreach (var call in calls) // the first call of the message finds them, the others need not
        {
            if (first)
            {
                byte[] kept = [.. messages.Span, (byte)','];
                _rounds.Set(Key(owner, asked, asked.Count, call.Id), kept, new MemoryCacheEntryOptions { Size = kept.Length, SlidingExpiration = _keepFor });
            }

            first = false;
        }
    }

    /// <summary>Finds where in a request something is to be put in again.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="asked">The messages of the request.</param>
    /// <param name="body">The request.</param>
    public IReadOnlyList<(int Offset, ReadOnlyMemory<byte> Messages)> Find(string owner, IReadOnlyList<PromptMessage> asked, ReadOnlySpan<byte> body)
    {
        if (_rounds.Count == 0)
        {
            return [];
        }

        var found = new List<(int, ReadOnlyMemory<byte>)>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        var (inMessages, message, messages, isId, inCalls) = (false, 0, 0, false, false);
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName when json.CurrentDepth == 1:
                    inMessages = json.ValueTextEquals("messages"u8);
                    break;
                case JsonTokenType.StartObject when inMessages && json.CurrentDepth == 2:
                    message = (int)json.TokenStartIndex;
                    messages++;
                    break;
                case JsonTokenType.PropertyName when inMessages && json.CurrentDepth == 3:
                    inCalls = json.ValueTextEquals("tool_calls"u8);
                    break;
                case JsonTokenType.PropertyName when inCalls && json.CurrentDepth == 5:
                    isId = json.ValueTextEquals("id"u8);
                    break;
                case JsonTokenType.String when inCalls && isId && json.CurrentDepth == 5 && !json.ValueIsEscaped:
                    if (_rounds.TryGetValue(Key(owner, asked, messages - 1, json.GetString()!), out byte[]? kept))
                    {
                        found.Add((message, kept));
                    }

                    break;
                default:
                    break;
            }
        }

        return found;
    }

    public void Dispose() => _rounds.Dispose();

    // some models number their calls ("functions.search:0"), so the id alone would find other conversations of the owner
    private static Digest Key(string owner, IReadOnlyList<PromptMessage> asked, int count, string callId) =>
        Digest.Of($"{owner}\n{callId}\n{count}\n{asked.Take(count).LastOrDefault(static message => message.Role == PromptRole.User).Text}");
}
