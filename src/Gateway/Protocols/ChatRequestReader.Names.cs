using System.Text.Json;

namespace RouterGateway.Gateway.Protocols;

internal ref partial struct ChatRequestReader
{
    /// <summary>A string that tells the caller or the conversation; null for anything else, which is the backend's business.</summary>
    private string? ReadName()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.String)
        {
            _json.Skip();
            return null;
        }

        try
        {
            return _json.GetString() is { Length: > 0 } name ? name : null;
        }
        catch (InvalidOperationException) // a surrogate without its pair
        {
            return null;
        }
    }

    private void ReadMetadata()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _json.Skip();
            return;
        }

        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("session_id"u8))
            {
                _metadataSession = ReadName();
            }
            else
            {
                _json.Read();
                _json.Skip();
            }
        }
    }
}
