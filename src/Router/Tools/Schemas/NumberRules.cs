namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What a schema asks of numbers; null where it asks nothing. The values are those of the schema, to be shown as written.</summary>
internal sealed record NumberRules
{
    public JsonDatum? MultipleOf { get; init; }

    public JsonDatum? Minimum { get; init; }

    public JsonDatum? Maximum { get; init; }

    public JsonDatum? ExclusiveMinimum { get; init; }

    public JsonDatum? ExclusiveMaximum { get; init; }
}
