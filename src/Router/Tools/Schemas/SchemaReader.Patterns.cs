namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaReader
{
    private const int MostPatterns = 1_000;

    // The same pattern often stands in many places, and each takes an automaton.
    private readonly Dictionary<string, SchemaPattern> _patterns = new(StringComparer.Ordinal);

    private SchemaPattern ReadPattern(JsonDatum place, JsonDatum text)
    {
        if (!text.IsString)
        {
            Fail(place, $"must be a string that is a regular expression; it is {JsonDisplay.Show(text)}");
        }

        return ReadPattern(place, text.Text);
    }

    private SchemaPattern ReadPattern(JsonDatum place, string text)
    {
        if (_patterns.TryGetValue(text, out var known))
        {
            return known;
        }

        if (Fault is not null || _patterns.Count == MostPatterns)
        {
            Fail(place, $"is one pattern too many: no more than {MostPatterns} are allowed");
            return SchemaPattern.Anything;
        }

        if (!SchemaPattern.TryCreate(text, out var pattern, out var fault))
        {
            Fail(place, $"has the pattern {JsonDisplay.Quote(text)}, which {fault}");
            return SchemaPattern.Anything;
        }

        _patterns.Add(text, pattern);
        return pattern;
    }
}
