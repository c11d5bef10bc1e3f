using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A JSON Schema of draft 2020-12, ready for checking documents; immutable, and safe to share between threads.</summary>
/// <remarks>
/// What 2019-09 and draft-07 spelt differently is understood as well, because agents send it. "format" and unknown keywords say
/// nothing, and nothing is ever fetched: a schema that refers to another document is refused.
/// </remarks>
public sealed class JsonSchema
{
    private const int DeepestSchema = 64;
    private const int DeepestDocument = 128;
    private const int MostSchemaBytes = 64 << 10;
    private const int MostDocumentValues = 250_000;

    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <summary>Reads a schema, whose document may be disposed of afterwards.</summary>
    /// <returns>Whether it can be used; if not, the fault is a sentence: where (a JSON pointer in quotes), what is wrong, what to do.</returns>
    public static bool TryCreate(JsonElement schema, [NotNullWhen(true)] out JsonSchema? result, [NotNullWhen(false)] out string? fault)
    {
        result = null;
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            fault = "\"/\" must be a schema, which is an object, true or false.";
            return false;
        }

        var bytes = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(schema).Length;
        if (bytes > MostSchemaBytes)
        {
            fault = $"\"/\" is {bytes} bytes of JSON; shorten it to {MostSchemaBytes}.";
            return false;
        }

        if (!JsonDatumReader.TryRead(schema, DeepestSchema, MostSchemaBytes, out var source, out var place, out fault))
        {
            fault = $"\"{place}\" {fault}.";
            return false;
        }

        (var root, fault) = SchemaReader.Read(source);
        result = root is null ? null : new JsonSchema(root);
        return fault is null && result is not null;
    }

    /// <summary>Checks a document.</summary>
    /// <returns>
    /// Empty when it is valid; otherwise up to <paramref name="maxFaults"/> faults in the document's order. A document that is too
    /// deep, too large or too much work to check, or that has a property twice, has that one fault.
    /// </returns>
    public IReadOnlyList<SchemaFault> Check(JsonElement document, int maxFaults = 8) => Check(document, maxFaults, out _);

    /// <summary>As the other, and says how much work it was.</summary>
    internal IReadOnlyList<SchemaFault> Check(JsonElement document, int maxFaults, out long steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFaults, 1);
        steps = 0;
        return JsonDatumReader.TryRead(document, DeepestDocument, MostDocumentValues, out var read, out var place, out var fault)
            ? SchemaCheck.Run(_root, read, maxFaults, out steps)
            : [new SchemaFault(place, fault)];
    }
}
