using System.Text.Json;

namespace RouterGateway.Gateway.Protocols;

/// <summary>JSON can write texts that Unicode does not have: half of a surrogate pair. Reading such a name or text throws wherever it is read.</summary>
internal static class JsonUnicode
{
    /// <summary>What is wrong then, to be put behind "holds".</summary>
    public const string Fault = "an escaped surrogate (\\uD800 to \\uDFFF) without its pair";

    /// <summary>False when some name or text is none; nothing may be read from a document before.</summary>
    /// <param name="json">Valid JSON, no deeper than the gateway takes, or nothing.</param>
    public static bool IsValid(ReadOnlySpan<byte> json)
    {
        if (!json.Contains((byte)'\\'))
        {
            return true;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
