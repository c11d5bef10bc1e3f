using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Writes <c>routes.schema.json</c> from the records of the file and their attributes.</summary>
internal static class RoutesFileSchema
{
    private static readonly JsonWriterOptions _layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the schema as the text of a file.</summary>
    public static string Write()
    {
        var exported = RoutesFileContext.Default.RoutesFile.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, node) => Transform(context, node as JsonObject ?? []), // a type with a converter is "true": anything
        });
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "routes.json" };
        foreach (var (key, value) in exported.AsObject())
        {
            schema[key] = value?.DeepClone();
        }

        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, _layout))
        {
            schema.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }

    private static JsonObject Transform(JsonSchemaExporterContext context, JsonObject exported)
    {
        var member = context.PropertyInfo?.AttributeProvider;
        var schema = new JsonObject();
        if ((Attribute<DescriptionAttribute>(member) ?? context.TypeInfo.Type.GetCustomAttribute<DescriptionAttribute>())?.Description is { } description)
        {
            schema["description"] = description;
        }

        foreach (var (key, value) in exported)
        {
            schema[key] = value?.DeepClone();
        }

        if ((Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type) == typeof(TimeSpan))
        {
            schema["type"] = new JsonArray("string", "null");
            schema["pattern"] = Duration.Pattern;
        }

        if (Attribute<RequiredAttribute>(member) is not null)
        {
            DropNull(schema);
        }

        AddLimits(schema, member);
        AddRequired(schema, context);
        return schema;
    }

    private static void AddLimits(JsonObject schema, ICustomAttributeProvider? member)
    {
        if (Attribute<AllowedValuesAttribute>(member) is { } allowed)
        {
            schema.Remove("type");
            schema["enum"] = new JsonArray([.. allowed.Values.Select(static v => JsonValue.Create((string)v!)), null]);
        }

        if (Attribute<RangeAttribute>(member) is { } range)
        {
            schema["minimum"] = range.Minimum is int least ? least : (double)range.Minimum;
            schema["maximum"] = range.Maximum is int most ? most : (double)range.Maximum;
        }

        if (Attribute<RegularExpressionAttribute>(member) is { } pattern)
        {
            if (schema.ContainsKey("additionalProperties"))
            {
                schema["propertyNames"] = new JsonObject { ["pattern"] = pattern.Pattern };
            }
            else
            {
                schema["pattern"] = pattern.Pattern;
            }
        }

        if (Attribute<MinLengthAttribute>(member) is { } length)
        {
            schema[schema.ContainsKey("items") ? "minItems" : schema.ContainsKey("additionalProperties") ? "minProperties" : "minLength"] = length.Length;
        }

        if (Attribute<DefaultValueAttribute>(member)?.Value is { } value)
        {
            schema["default"] = value switch
            {
                double number => JsonValue.Create(number),
                int whole => JsonValue.Create(whole),
                bool flag => JsonValue.Create(flag),
                _ => JsonValue.Create((string)value),
            };
        }
    }

    private static void AddRequired(JsonObject schema, JsonSchemaExporterContext context)
    {
        var required = context.TypeInfo.Properties.Where(static p => Attribute<RequiredAttribute>(p.AttributeProvider) is not null).Select(static p => p.Name).ToArray();
        if (required.Length > 0 && schema.ContainsKey("properties"))
        {
            schema["required"] = new JsonArray([.. required.Select(static name => JsonValue.Create(name))]);
        }
    }

    private static void DropNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(static t => (string)t!).Single(static t => t != "null");
        }
    }

    private static TAttribute? Attribute<TAttribute>(ICustomAttributeProvider? member)
        where TAttribute : Attribute => member?.GetCustomAttributes(typeof(TAttribute), inherit: false).OfType<TAttribute>().FirstOrDefault();
}
