using System.Text.Json;

namespace RouterGateway.Router.Routes.Source;

/// <summary>A value of the file and where it starts.</summary>
internal sealed class SourceNode
{
    /// <summary>Object, Array, String, Number, True, False or Null.</summary>
    public required JsonValueKind Kind { get; init; }

    /// <summary>Offset of its first byte in the file.</summary>
    public required int Offset { get; init; }

    /// <summary>The text of a string, the digits of a number, else empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>Members of an object in the order of the file; duplicates are left out.</summary>
    public List<SourceProperty> Properties { get; } = [];

    /// <summary>Items of an array.</summary>
    public List<SourceNode> Items { get; } = [];

    /// <summary>Writes it as JSON.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        switch (Kind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in Properties)
                {
                    json.WritePropertyName(property.Name);
                    property.Value.WriteTo(json);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                Items.ForEach(item => item.WriteTo(json));
                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(Text);
                break;
            case JsonValueKind.Number:
                json.WriteRawValue(Text);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                json.WriteBooleanValue(Kind == JsonValueKind.True);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
