using System.Text.Json;

namespace RouterGateway.Gateway.Protocols;

internal ref partial struct ChatRequestReader
{
    private void ReadTools()
    {
        Enter(Fields.Tools, "tools");
        _json.Read();
        if (_json.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null))
        {
            Refuse("tools", "an array");
            return;
        }

        if (_json.TokenType == JsonTokenType.StartArray)
        {
            var (depth, start) = (_json.CurrentDepth, (int)_json.TokenStartIndex);
            _json.Read();
            _hasTools = _json.TokenType != JsonTokenType.EndArray;
            while (_json.CurrentDepth > depth)
            {
                _json.Read();
            }

            _tools = start..(int)_json.BytesConsumed;
        }
    }

    /// <summary>Passes over a value that is read only if it turns out to matter.</summary>
    private Range ReadRange(Fields field, string name)
    {
        Enter(field, name);
        _json.Read();
        var start = (int)_json.TokenStartIndex;
        _json.Skip();
        return start..(int)_json.BytesConsumed;
    }
}
