using System.Text.Json;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>Escapes of half a surrogate pair: valid JSON, but no text, and <see cref="JsonElement"/> throws where it meets them, also in names that nobody asks for.</summary>
internal static class Surrogates
{
    /// <summary>What is wrong, to be put behind "holds".</summary>
    public const string Fault = "an escaped surrogate (\\uD800 to \\uDFFF) without its pair";

    /// <param name="json">Valid JSON, or nothing.</param>
    public static bool ArePaired(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf((byte)'\\') < 0)
        {
            return true;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ChatRequestReader.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return true;
    }
}
