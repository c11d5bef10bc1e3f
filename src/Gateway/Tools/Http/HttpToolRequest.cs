using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>What a call sends: the arguments put where the definition says. Knows neither the network nor secrets.</summary>
/// <param name="Uri">With path and query filled in.</param>
/// <param name="Headers">Those of texts and arguments; secrets are added when it is known who would see them.</param>
/// <param name="Body">UTF-8 JSON; <c>null</c>: none.</param>
internal sealed record HttpToolRequest(Uri Uri, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[]? Body)
{
    private const int LongestUrl = 16 * 1024;
    private const int LongestHeader = 8 * 1024;

    /// <summary>The URL with <c>x</c> for every <c>{argument}</c>; <c>null</c> when it is none.</summary>
    public static Uri? TemplateUri(string url) =>
        UrlTemplate.TryFill(url, static _ => ("x", null), out var filled, out _) ? UrlTemplate.Parse(filled) : null;

    /// <summary>Builds the request.</summary>
    /// <returns>The request, or why these arguments make none.</returns>
    public static (HttpToolRequest? Request, string? Fault) Build(HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments)
    {
        if (arguments.Keys.FirstOrDefault(static name => !ArgumentText.IsWellFormed(name)) is not null)
        {
            return (null, "The name of an argument holds half of a surrogate pair.");
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        if (!UrlTemplate.TryFill(target.Url, name => Segment(name, arguments, used), out var url, out var fault)
            || !TryReadHeaders(target, arguments, used, out var headers, out fault)
            || !TryReadBody(target, arguments, used, out var body, out fault)
            || !TryReadQuery(target, arguments, used, restIsBody: body is not null && target.Body is null, out var query, out fault))
        {
            return (null, fault);
        }

        url += query.Length == 0 ? "" : (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;
        return url.Length > LongestUrl ? (null, $"The arguments make a URL of more than {LongestUrl} characters.")
            : UrlTemplate.Parse(url) is not { } uri || TemplateUri(target.Url) is not { } template || !HasSameOrigin(uri, template) ? (null, "The arguments make no usable URL.")
            : (new HttpToolRequest(uri, headers, body), null);
    }

    /// <summary>True when both lead to the same scheme, host and port.</summary>
    public static bool HasSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static (string? Text, string? Fault) Segment(string name, IReadOnlyDictionary<string, JsonElement> arguments, HashSet<string> used)
    {
        used.Add(name);
        return !arguments.TryGetValue(name, out var value) || ArgumentText.Scalar(value) is not { } text
            ? (null, $"The argument \"{name}\" is part of the URL's path and must be a text, a number or a boolean.")
            : text.Length == 0 ? (null, $"The argument \"{name}\" is part of the URL's path and must not be empty.")
            : (Uri.EscapeDataString(text), null);
    }

    private static bool TryReadHeaders(
        HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, HashSet<string> used, out List<KeyValuePair<string, string>> headers, out string? fault)
    {
        (headers, fault) = ([], null);
        foreach (var (name, header) in target.Headers)
        {
            if (header.Text is { } text)
            {
                headers.Add(new(name, text));
            }
            else if (header.Argument is { } argument)
            {
                used.Add(argument);
                if (!arguments.TryGetValue(argument, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
                {
                    continue;
                }

                var written = ArgumentText.Scalar(value);
                if (written is null || written.Length > LongestHeader || !ArgumentText.IsHeaderValue(written))
                {
                    fault = $"The argument \"{argument}\" is sent as a header and must be one line of at most {LongestHeader} printable ASCII characters.";
                    return false;
                }

                headers.Add(new(name, header.Prefix + written));
            }
        }

        return true;
    }

    private static bool TryReadBody(HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, HashSet<string> used, out byte[]? body, out string? fault)
    {
        (body, fault) = (null, null);
        if (target.Body is { } whole)
        {
            used.Add(whole);
            body = arguments.TryGetValue(whole, out var value) && value.ValueKind != JsonValueKind.Undefined ? ArgumentText.Utf8(value) : null;
            return true;
        }

        if (target.Method is "GET" or "DELETE")
        {
            return true;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (name, value) in arguments.Where(argument => !used.Contains(argument.Key) && !target.Query.Contains(argument.Key) && argument.Value.ValueKind != JsonValueKind.Undefined))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(ArgumentText.Utf8(value), skipInputValidation: true); // as it was written: numbers of any length stay what they are
            }

            json.WriteEndObject();
        }

        body = bytes.ToArray();
        return true;
    }

    private static bool TryReadQuery(
        HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, HashSet<string> used, bool restIsBody, out string query, out string? fault)
    {
        (query, fault) = ("", null);
        var rest = arguments.Keys.Where(name => !restIsBody && !used.Contains(name) && !target.Query.Contains(name)).Order(StringComparer.Ordinal);
        var parts = new List<string>();
        foreach (var name in target.Query.Where(name => !used.Contains(name)).Distinct(StringComparer.Ordinal).Concat(rest))
        {
            if (!arguments.TryGetValue(name, out var value))
            {
                continue;
            }

            foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
            {
                if (item.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
                {
                    continue;
                }

                var text = item.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? item.GetRawText() : ArgumentText.Scalar(item);
                if (text is null)
                {
                    fault = $"The argument \"{name}\" holds half of a surrogate pair.";
                    return false;
                }

                parts.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(text)}");
            }
        }

        query = string.Join('&', parts);
        return true;
    }
}
