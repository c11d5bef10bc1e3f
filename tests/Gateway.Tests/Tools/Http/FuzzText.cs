using System.Text.Json;

namespace RouterGateway.Gateway.Tests.Tools.Http;

/// <summary>Seeded texts, URLs and arguments that nobody in their right mind would send.</summary>
internal static class FuzzText
{
    private static readonly string[] _pieces =
    [
        "..", ".", "/", "\\", "?", "#", "%2e", "%2F", "%00", "%", "{", "}", "@", ":", "//", "\r\n", "\0", "\t", " ", "&", "=", ";", "a", "B", "7", "é", "ß", "😀", "\ud800", "\udc00",
        "127.0.0.1", "[::1]", "localhost", "http://", "x-evil: 1", "{a}", "\u202e", "\uffff", "%c0%af", "xn--",
    ];

    private static readonly string[] _names = ["a", "b", "c", "d e", "é", "{a}", "\ud800", ""];

    public static string Next(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => _pieces[random.Next(_pieces.Length)]));

    public static string Mutate(Random random, string text)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(2) == 0 ? text.Insert(at, Next(random)) : text.Remove(at, random.Next(text.Length - at + 1)) + Next(random);
    }

    public static Dictionary<string, JsonElement> Arguments(Random random) => Enumerable.Range(0, random.Next(6))
        .Select(_ => _names[random.Next(20) == 0 ? random.Next(_names.Length) : random.Next(6)])
        .Distinct()
        .ToDictionary(static name => name, _ => Value(random, depth: 0));

    private static JsonElement Value(Random random, int depth) => random.Next(depth > 3 ? 6 : 9) switch
    {
        0 => JsonElement.Parse("null"),
        1 => JsonElement.Parse("true"),
        2 => JsonElement.Parse("-1e400"),
        3 => JsonElement.Parse("\"\\ud800\""),
        4 => default,
        5 or 6 => JsonElement.Parse(JsonSerializer.Serialize(Next(random))),
        7 => JsonElement.Parse($"[{Raw(random, depth)},{Raw(random, depth)}]"),
        _ => JsonElement.Parse($"{{\"x\":{Raw(random, depth)},\"\\ud800\":1}}"),
    };

    private static string Raw(Random random, int depth) => Value(random, depth + 1) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetRawText() : "0";
}
