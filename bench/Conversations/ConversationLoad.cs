using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RouterGateway.Benchmarks.Conversations;

/// <summary>Clients that talk to a chat completions server for a while, several turns each, some of them leaving in the middle of an answer.</summary>
/// <param name="client">Its base address is the server's.</param>
/// <param name="model">The model asked for.</param>
/// <param name="seed">Equal seeds give equal conversations.</param>
/// <param name="documentWords">Words of a document that each conversation is about, one that no other has.</param>
internal sealed class ConversationLoad(HttpClient client, string model, int seed, int documentWords = 0)
{
    private const string Instructions =
        "You help with programs. Answer in few words, show an example when it says more than a sentence, and name the edge cases that matter. "
        + "When a question is not clear, say what you take it to mean. Never invent functions that a library does not have.";

    private static readonly string[] _asks =
    [
        "Write a function that reverses a string.", "How many apples are left of 12 when 5 are eaten?", "Sort a list of names in C#.", "And now without a library, please.",
        "Explain what a hash table does.", "What is 17 times 23?", "Read a file line by line in Python.", "Add a test for that.", "Make it faster.", "Was ist ein Baum in der Informatik? 🌳",
    ];

    private readonly Lock _lock = new();

    /// <summary>Answers that came to their end.</summary>
    public int Answers { get; private set; }

    /// <summary>Answers that their client left.</summary>
    public int Left { get; private set; }

    /// <summary>What went wrong, one line each; empty when all is well.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Milliseconds to the first token, by turn.</summary>
    public SortedDictionary<int, List<double>> FirstTokenMs { get; } = [];

    /// <summary>Tokens of all prompts, by turn.</summary>
    public SortedDictionary<int, long> PromptTokens { get; } = [];

    /// <summary>Those of them that were not read again, by turn.</summary>
    public SortedDictionary<int, long> CachedTokens { get; } = [];

    /// <summary>Holds conversations one after the other, several at a time, until the time is over.</summary>
    /// <param name="sessions">How many at a time.</param>
    /// <param name="turns">Of each conversation.</param>
    /// <param name="duration">No conversation begins after it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RunAsync(int sessions, int turns, TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        return Task.WhenAll(Enumerable.Range(0, sessions).Select(async session =>
        {
            var random = new Random((seed * 1000) + session);
            for (var conversation = 0; conversation == 0 || Stopwatch.GetElapsedTime(started) < duration; conversation++)
            {
                await ConverseAsync($"Conversation {session}/{conversation}.", turns, random, cancellationToken);
            }
        }));
    }

    private async Task ConverseAsync(string name, int turns, Random random, CancellationToken cancellationToken)
    {
        var messages = new JsonArray(Message("system", Instructions));
        for (var turn = 0; turn < turns; turn++)
        {
            messages.Add(Message("user", turn == 0 ? $"{name} {WriteDocument(random)}{_asks[random.Next(_asks.Length)]}" : _asks[random.Next(_asks.Length)]));
            var leavesAfter = random.Next(10) == 0 ? random.Next(1, 12) : int.MaxValue; // pieces
            if (await AskAsync(messages, turn, leavesAfter, cancellationToken) is not { } answer)
            {
                return;
            }

            messages.Add(Message("assistant", answer));
        }
    }

    private string WriteDocument(Random random) => string.Concat(Enumerable.Range(0, documentWords).Select(_ => _asks[random.Next(_asks.Length)].Split(' ')[0] + " "));

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private async Task<string?> AskAsync(JsonArray messages, int turn, int leavesAfter, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = messages.DeepClone(),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["max_tokens"] = 48,
            ["temperature"] = 0.7,
            ["seed"] = seed + turn,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body.ToJsonString(), MediaTypeHeaderValue.Parse("application/json")) };
        var started = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            Fault($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            return null;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var (text, pieces, finish, firstMs, isDone) = ("", 0, default(string), 0.0, false);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            isDone |= line == "data: [DONE]";
            if (line.Length == 0 || isDone)
            {
                continue;
            }

            using var chunk = JsonDocument.Parse(line.AsMemory("data: ".Length));
            if (chunk.RootElement.GetProperty("choices").EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } choice)
            {
                Note(turn, firstMs, text, finish, chunk.RootElement.GetProperty("usage"));
                continue;
            }

            finish ??= choice.GetProperty("finish_reason").GetString();
            if (choice.GetProperty("delta").TryGetProperty("content", out var content) && content.GetString() is { Length: > 0 } piece)
            {
                firstMs = pieces++ == 0 ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : firstMs;
                text += piece;
            }

            if (pieces >= leavesAfter)
            {
                lock (_lock)
                {
                    Left++;
                }

                return null;
            }
        }

        if (!isDone)
        {
            Fault("a stream ended without [DONE]");
        }

        return text;
    }

    private void Note(int turn, double firstMs, string text, string? finish, JsonElement usage)
    {
        var completion = usage.GetProperty("completion_tokens").GetInt32();
        lock (_lock)
        {
            Answers++;
            PromptTokens[turn] = PromptTokens.GetValueOrDefault(turn) + usage.GetProperty("prompt_tokens").GetInt32();
            var cached = usage.TryGetProperty("prompt_tokens_details", out var details) ? details.GetProperty("cached_tokens").GetInt32() : 0;
            CachedTokens[turn] = CachedTokens.GetValueOrDefault(turn) + cached;
            if (text.Length > 0)
            {
                FirstTokenMs.TryAdd(turn, []);
                FirstTokenMs[turn].Add(firstMs);
            }
        }

        // an end at once is the model's own choice; any other answer without text or without a reason has been lost
        if (finish is null || (text.Length == 0 && completion > 1))
        {
            Fault($"an answer of {completion} tokens has {text.Length} characters and ended by \"{finish}\"");
        }
    }

    private void Fault(string fault)
    {
        lock (_lock)
        {
            Faults.Add(fault);
        }
    }
}
