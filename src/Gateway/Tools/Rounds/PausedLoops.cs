using System.Collections.Immutable;
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
    /// <param name="asked">The messages of the request: ids of calls are unique in a conversation only.</param>
    /// <param name="call">The first call that the caller was given; its message is where they belong.</param>
    /// <param name="messages">JSON objects separated by commas.</param>
    public void Keep(string owner, ImmutableArray<PromptMessage> asked, RequestedCall call, ReadOnlySpan<byte> messages)
    {
        byte[] kept = [.. messages, (byte)','];
        _rounds.Set(Key(owner, asked.Aggregate(default(Digest), Add), call.Id), kept, new MemoryCacheEntryOptions { Size = kept.Length, SlidingExpiration = _keepFor });
    }

    /// <summary>Finds where in a request something is to be put in again.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="chat">The request.</param>
    /// <param name="body">Its bytes.</param>
    public IReadOnlyList<(int Offset, ReadOnlyMemory<byte> Messages)> Find(string owner, ChatRequest chat, ReadOnlySpan<byte> body)
    {
        var messages = chat.Prompt.Messages;
        if (_rounds.Count == 0 || !messages.Any(static message => message.Role == PromptRole.Tool))
        {
            return [];
        }

        var found = new List<(int, ReadOnlyMemory<byte>)>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        var (inMessages, isId, inCalls, index, offset, before) = (false, false, false, -1, 0, default(Digest));
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName when json.CurrentDepth == 1:
                    inMessages = json.ValueTextEquals("messages"u8);
                    break;
                case JsonTokenType.StartObject when inMessages && json.CurrentDepth == 2:
                    before = index < 0 ? before : Add(before, messages[index]);
                    (index, offset) = (index + 1, (int)json.TokenStartIndex);
                    break;
                case JsonTokenType.PropertyName when inMessages && json.CurrentDepth == 3:
                    inCalls = json.ValueTextEquals("tool_calls"u8);
                    break;
                case JsonTokenType.PropertyName when inCalls && json.CurrentDepth == 5:
                    isId = json.ValueTextEquals("id"u8);
                    break;
                case JsonTokenType.String when inCalls && isId && json.CurrentDepth == 5 && !json.ValueIsEscaped:
                    if (_rounds.TryGetValue(Key(owner, before, json.GetString()!), out byte[]? kept))
                    {
                        found.Add((offset, kept));
                    }

                    break;
                default:
                    break;
            }
        }

        return found;
    }

    public void Dispose() => _rounds.Dispose();

    private static Digest Key(string owner, Digest before, string callId) => Digest.Of(Digest.Of(owner), before, Digest.Of(callId));

    private static Digest Add(Digest before, PromptMessage message) => Digest.Of(before, Digest.Of($"{message.Role}"), Digest.Of(message.Text));
}
