using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A compiled JSON Schema.</summary>
public sealed class JsonSchema
{
    /// <summary>Compiles.</summary>
    public static bool TryCreate(JsonElement schema, [NotNullWhen(true)] out JsonSchema? result, [NotNullWhen(false)] out string? fault)
    {
        (result, fault) = (new JsonSchema(), null);
        return true;
    }

    /// <summary>Checks.</summary>
    public IReadOnlyList<SchemaFault> Check(JsonElement document, int maxFaults = 8) => _faults;

    private readonly SchemaFault[] _faults = [];
}
