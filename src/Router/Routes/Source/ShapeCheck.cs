using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Compares parsed nodes with the records of the file: unknown keys and wrong types.</summary>
/// <param name="faults">Receives what is wrong.</param>
/// <param name="cleaned">Receives the file without what is wrong, so that the rest can still be checked. Items keep their index.</param>
internal sealed class ShapeCheck(FaultList faults, Utf8JsonWriter cleaned)
{
    private static readonly JsonSerializerOptions _options = RoutesFileContext.Default.Options;

    /// <summary>Checks a value against a type of the file.</summary>
    public void Check(SourceNode node, Type type, string path)
    {
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        if (node.Kind == JsonValueKind.Null)
        {
            cleaned.WriteNullValue();
        }
        else if (wanted == typeof(JsonElement))
        {
            node.WriteTo(cleaned); // checked by whom it is for
        }
        else if (!TryWriteScalar(node, wanted) && !TryWriteContainer(node, _options.GetTypeInfo(wanted), path))
        {
            faults.Refuse(path, $"must be {Describe(wanted)}");
            cleaned.WriteNullValue();
        }
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(string) => "a string",
        _ when type == typeof(TimeSpan) => "a duration above zero with a unit, as in \"250ms\", \"30s\", \"5m\" or \"1h\"",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when _options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Enumerable => "a list: [ … ]",
        _ => "an object: { … }",
    };

    private bool TryWriteScalar(SourceNode node, Type type)
    {
        if (node.Kind == JsonValueKind.String && (type == typeof(string) || (type == typeof(TimeSpan) && Duration.TryParse(node.Text, out _))))
        {
            cleaned.WriteStringValue(node.Text);
            return true;
        }

        if (node.Kind is JsonValueKind.True or JsonValueKind.False && type == typeof(bool))
        {
            cleaned.WriteBooleanValue(node.Kind == JsonValueKind.True);
            return true;
        }

        if (node.Kind == JsonValueKind.Number && (type == typeof(int) || type == typeof(long)) && long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            && (type == typeof(long) || whole is >= int.MinValue and <= int.MaxValue))
        {
            cleaned.WriteNumberValue(whole);
            return true;
        }

        if (node.Kind == JsonValueKind.Number && type == typeof(double) && double.TryParse(node.Text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            cleaned.WriteNumberValue(number);
            return true;
        }

        return false;
    }

    private bool TryWriteContainer(SourceNode node, JsonTypeInfo type, string path)
    {
        switch (node.Kind, type.Kind)
        {
            case (JsonValueKind.Object, JsonTypeInfoKind.Object):
                cleaned.WriteStartObject();
                foreach (var property in node.Properties)
                {
                    CheckMember(property, type, path);
                }

                cleaned.WriteEndObject();
                return true;
            case (JsonValueKind.Object, JsonTypeInfoKind.Dictionary):
                cleaned.WriteStartObject();
                foreach (var property in node.Properties)
                {
                    cleaned.WritePropertyName(property.Name);
                    Check(property.Value, type.ElementType!, FaultPath.Member(path, property.Name));
                }

                cleaned.WriteEndObject();
                return true;
            case (JsonValueKind.Array, JsonTypeInfoKind.Enumerable):
                cleaned.WriteStartArray();
                for (var i = 0; i < node.Items.Count; i++)
                {
                    Check(node.Items[i], type.ElementType!, FaultPath.Item(path, i));
                }

                cleaned.WriteEndArray();
                return true;
            default:
                return false;
        }
    }

    private void CheckMember(SourceProperty property, JsonTypeInfo type, string path)
    {
        var memberPath = FaultPath.Member(path, property.Name);
        if (type.Properties.FirstOrDefault(p => p.Name == property.Name) is { } known)
        {
            cleaned.WritePropertyName(property.Name);
            Check(property.Value, known.PropertyType, memberPath);
            return;
        }

        var names = type.Properties.Select(static p => p.Name).ToArray();
        faults.AddAt(property.Offset, memberPath, $"unknown key \"{FaultPath.Printable(property.Name)}\"{Spelling.Hint(property.Name, names)}");
        if (Spelling.Nearest(property.Name, names) is { } meant)
        {
            faults.Silence(FaultPath.Member(path, meant)); // "is missing" would be a second fault for one slip
        }
    }
}
