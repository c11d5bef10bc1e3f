using System.Text.Json;

namespace RouterGateway.Gateway.Protocols;

/// <summary>JSON can write texts that Unicode does not have: half of a surrogate pair. Reading such a name or text throws wherever it is read.</summary>
internal static class JsonUnicode
{
    /// <summary>False when some name or text is none; nothing may be read from a document before.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <param name="options">How deep it may be.</param>
    public static bool IsValid(ReadOnlySpan<byte> json, JsonReaderOptions options)
    {
        var reader = new Utf8JsonReader(json, options);
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
