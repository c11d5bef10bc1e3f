using System.Collections.Frozen;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Where schemas hold schemas; everything else in them, such as an <c>enum</c> or a <c>default</c>, is data.</summary>
internal static class SchemaKeywords
{
    /// <summary>Keywords whose value is a schema; <c>items</c> may be a list, too.</summary>
    public static FrozenSet<string> OfSchemas { get; } = new[]
    {
        "not", "if", "then", "else", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "additionalItems", "contentSchema", "items",
    }.ToFrozenSet();

    /// <summary>Keywords whose value is a list of schemas.</summary>
    public static FrozenSet<string> OfLists { get; } = new[] { "allOf", "anyOf", "oneOf", "prefixItems", "items" }.ToFrozenSet();

    /// <summary>Keywords whose value is an object with a schema in each member.</summary>
    public static FrozenSet<string> OfMaps { get; } = new[] { "properties", "patternProperties", "dependentSchemas", "$defs", "definitions" }.ToFrozenSet();
}
