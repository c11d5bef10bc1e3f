using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>Writes what a chat template reads, messages and tools, with place-holders for every text that is not ours.</summary>
// Only numbers, roles and the words of JSON schema stand as they are: templates ask for those.
internal sealed class PromptJson(PromptTexts texts)
{
    private static readonly FrozenSet<string> _types = FrozenSet.Create("string", "number", "integer", "boolean", "array", "object", "null");

    private static readonly FrozenSet<string> _schemas = FrozenSet.Create("items", "additionalProperties", "not", "contains", "if", "then", "else", "propertyNames", "anyOf", "oneOf", "allOf", "prefixItems");

    private static readonly FrozenSet<string> _schemasByName = FrozenSet.Create("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

    private static readonly FrozenSet<string> _otherWords = FrozenSet.Create(
        "type", "required", "description", "title", "enum", "const", "default", "examples", "format", "pattern", "nullable", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "$ref", "$schema", "$id", "deprecated", "readOnly", "writeOnly");

    private static readonly JsonElement _noParameters = JsonElement.Parse("""{"type":"object"}""");

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    /// <summary>Writes messages; after them, when there are tools, a message that only carries these in a member of the given name.</summary>
    public string Write(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools, string toolsMember)
    {
        using (var json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            foreach (var message in messages)
            {
                WriteMessage(json, message);
            }

            if (tools.Count > 0)
            {
                WriteTools(json, tools, toolsMember);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(_bytes.WrittenSpan);
    }

    /// <summary>Writes messages whose contents have their place-holders already.</summary>
    public static string Write(IReadOnlyList<(string Role, string Content)> messages)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            foreach (var (role, content) in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", role);
                json.WriteString("content", content);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role);
        json.WriteString("content", texts.Hold(message.Content));
        if (message.Reasoning.Length > 0) // templates use either name
        {
            json.WriteString("reasoning", texts.Hold(message.Reasoning));
            json.WriteString("reasoning_content", texts.Hold(message.Reasoning));
        }

        if (message.ToolName is { } name)
        {
            json.WriteString("name", texts.HoldName(name));
        }

        if (message.ToolCallId is { } id)
        {
            json.WriteString("tool_call_id", texts.Hold(id));
        }

        if (message.ToolCalls.Count > 0)
        {
            WriteCalls(json, message.ToolCalls);
        }

        json.WriteEndObject();
    }

    private void WriteCalls(Utf8JsonWriter json, IReadOnlyList<ChatToolCall> calls)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", texts.Hold(call.Id));
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", texts.HoldName(call.Name));
            json.WritePropertyName("arguments");
            WriteData(json, call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteTools(Utf8JsonWriter json, IReadOnlyList<ChatTool> tools, string member)
    {
        json.WriteStartObject();
        json.WriteString("role", "tools");
        json.WriteString("content", "");
        json.WriteStartArray(member);
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", texts.HoldName(tool.Name));
            json.WriteString("description", texts.Hold(tool.Description));
            json.WritePropertyName("parameters"); // templates look into it without asking whether it is there
            WriteParameters(json, tool.Parameters ?? _noParameters);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Templates ask whether there are properties, and the engine takes an empty object for true where Jinja takes it for false.
    private void WriteParameters(Utf8JsonWriter json, JsonElement parameters)
    {
        json.WriteStartObject();
        foreach (var member in parameters.EnumerateObject().Where(static member => !(JsonText.NameOf(member) == "properties" && member.Value.ValueKind == JsonValueKind.Object && member.Value.GetPropertyCount() == 0)))
        {
            WriteSchemaMember(json, JsonText.NameOf(member), member.Value);
        }

        json.WriteEndObject();
    }

    private void WriteSchema(Utf8JsonWriter json, JsonElement schema)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in schema.EnumerateArray())
                {
                    WriteSchema(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in schema.EnumerateObject())
                {
                    WriteSchemaMember(json, JsonText.NameOf(member), member.Value);
                }

                json.WriteEndObject();
                break;
            default:
                WriteData(json, schema);
                break;
        }
    }

    private void WriteSchemaMember(Utf8JsonWriter json, string word, JsonElement value)
    {
        var isNested = _schemas.Contains(word);
        var isByName = _schemasByName.Contains(word);
        json.WritePropertyName(isNested || isByName || _otherWords.Contains(word) ? word : texts.HoldName(word));
        if (isNested)
        {
            WriteSchema(json, value);
        }
        else if (isByName && value.ValueKind == JsonValueKind.Object)
        {
            json.WriteStartObject();
            foreach (var member in value.EnumerateObject())
            {
                json.WritePropertyName(texts.HoldName(JsonText.NameOf(member)));
                WriteSchema(json, member.Value);
            }

            json.WriteEndObject();
        }
        else if (word == "type")
        {
            WriteStrings(json, value, static (text, texts) => _types.Contains(text) ? text : texts.Hold(text));
        }
        else if (word == "required")
        {
            WriteStrings(json, value, static (text, texts) => texts.HoldName(text)); // as the properties are called
        }
        else
        {
            WriteData(json, value);
        }
    }

    private void WriteStrings(Utf8JsonWriter json, JsonElement value, Func<string, PromptTexts, string> hold)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray();
            foreach (var item in value.EnumerateArray())
            {
                WriteStrings(json, item, hold);
            }

            json.WriteEndArray();
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            json.WriteStringValue(hold(JsonText.Of(value), texts));
        }
        else
        {
            WriteData(json, value);
        }
    }

    private void WriteData(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(texts.HoldName(JsonText.NameOf(member)));
                    WriteData(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteData(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(texts.Hold(JsonText.Of(value)));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
