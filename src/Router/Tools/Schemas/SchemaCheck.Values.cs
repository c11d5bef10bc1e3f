using System.Text.Json;
using System.Text.RegularExpressions;

namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaCheck
{
    private const int MostShownValues = 12;

    // What all matches that can backtrack may take in one check; each of them alone may take a quarter of one.
    private static readonly TimeSpan _longestMatching = TimeSpan.FromSeconds(1);

    private TimeSpan _matching;

    private static bool CheckType(SchemaNode schema, JsonDatum value, FaultList? faults)
    {
        if (schema.Types == JsonTypes.None)
        {
            return true;
        }

        var type = value.Kind switch
        {
            JsonValueKind.String => JsonTypes.String,
            JsonValueKind.Number => JsonTypes.Number | (value.Number!.IsInteger ? JsonTypes.Integer : JsonTypes.None), // a number has one
            JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
            JsonValueKind.Array => JsonTypes.Array,
            JsonValueKind.Object => JsonTypes.Object,
            _ => JsonTypes.Null,
        };
        if ((schema.Types & type) != JsonTypes.None)
        {
            return true;
        }

        faults?.AddExpected(value, Describe(schema.Types), isType: true);
        return false;
    }

    private bool CheckValue(SchemaNode schema, JsonDatum value, FaultList? faults)
    {
        if (schema.Const is { } constant && !(Spend(1 + (value.Size / 8)) && constant.Equals(value)))
        {
            faults?.AddExpected(value, JsonDisplay.ShowWhole(constant), isType: constant.Kind != value.Kind);
            return false;
        }

        if (schema.Enum is { } allowed && !(Spend(1 + (value.Size / 8)) && allowed.Contains(value)))
        {
            if (faults is not null && Spend((2 * MostShownValues) + (allowed.Count / 8)))
            {
                var values = schema.Source.Find("enum")!.Items; // they were read from there
                var shown = string.Join(", ", values.Take(MostShownValues).Select(JsonDisplay.ShowWhole)) + (values.Length > MostShownValues ? $" and {values.Length - MostShownValues} more" : "");
                faults.AddExpected(value, allowed.Count == 1 ? shown : $"one of {shown}", isType: allowed.All(item => item.Kind != value.Kind));
            }

            return false;
        }

        return true;
    }

    private bool CheckNumber(NumberRules rules, JsonDatum value, FaultList? faults)
    {
        var number = value.Number!; // the caller has looked
        if (!Spend(1 + (number.Digits.Length / 16)))
        {
            return false;
        }

        return Expect(rules.Minimum is not { Number: { } minimum } || JsonNumber.Compare(number, minimum) >= 0, value, faults, rules.Minimum, "at least ")
            & Expect(rules.Maximum is not { Number: { } maximum } || JsonNumber.Compare(number, maximum) <= 0, value, faults, rules.Maximum, "at most ")
            & Expect(rules.ExclusiveMinimum is not { Number: { } above } || JsonNumber.Compare(number, above) > 0, value, faults, rules.ExclusiveMinimum, "more than ")
            & Expect(rules.ExclusiveMaximum is not { Number: { } below } || JsonNumber.Compare(number, below) < 0, value, faults, rules.ExclusiveMaximum, "less than ")
            & Expect(rules.MultipleOf is not { Number: { } divisor } || (Spend(divisor.Digits.Length + number.Digits.Length) && number.IsMultipleOf(divisor)), value, faults, rules.MultipleOf, "a multiple of ");
    }

    private static bool Expect(bool isMet, JsonDatum value, FaultList? faults, JsonDatum? bound, string relation)
    {
        if (!isMet)
        {
            faults?.Add(value, $"must be {relation}{JsonDisplay.Show(bound!)}; it is {JsonDisplay.Show(value)}"); // without a bound it is met
        }

        return isMet;
    }

    private bool CheckString(StringRules rules, JsonDatum value, FaultList? faults)
    {
        var isValid = CheckCount(value, value.Characters, rules.MinLength, rules.MaxLength, "character", "characters", faults);
        if (rules.Pattern is { } pattern && !Matches(pattern, value.Text))
        {
            faults?.Add(value, $"must match the pattern {ShowPattern(pattern)}; it is {JsonDisplay.Show(value)}");
            isValid = false;
        }

        return isValid;
    }

    private static string ShowPattern(SchemaPattern pattern) => JsonDisplay.Clean(pattern.Text.Length > 200 ? pattern.Text[..200] + "…" : pattern.Text);

    private static bool CheckCount(JsonDatum value, long count, long least, long? most, string one, string many, FaultList? faults)
    {
        if (count >= least && !(count > most))
        {
            return true;
        }

        var bound = count < least ? "at least " + JsonDisplay.Count(least, $"1 {one}", $"{{0}} {many}") : "at most " + JsonDisplay.Count(most ?? 0, $"1 {one}", $"{{0}} {many}");
        faults?.Add(value, $"must have {bound}; it has {count}");
        return false;
    }

    private bool Matches(SchemaPattern pattern, string text)
    {
        if (!Spend(pattern.Steps(text)))
        {
            return false;
        }

        if (!pattern.Backtracks)
        {
            return pattern.IsMatch(text);
        }

        var start = TimeProvider.System.GetTimestamp();
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            GiveUp($"cannot be checked against its schema: the pattern {ShowPattern(pattern)} takes too long; simplify the pattern");
            return false;
        }
        finally
        {
            _matching += TimeProvider.System.GetElapsedTime(start);
            if (_matching > _longestMatching)
            {
                GiveUp("cannot be checked against its schema: the schema's patterns take too long together; simplify them");
            }
        }
    }

    private static string Describe(JsonTypes types)
    {
        if (types.HasFlag(JsonTypes.Number))
        {
            types &= ~JsonTypes.Integer;
        }

        return JsonDisplay.List(Enum.GetValues<JsonTypes>().Where(type => type != JsonTypes.None && types.HasFlag(type)).Select(Describe1), 8);
    }

    private static string Describe1(JsonTypes type) => type switch
    {
        JsonTypes.String => "a string",
        JsonTypes.Integer => "an integer",
        JsonTypes.Number => "a number",
        JsonTypes.Boolean => "true or false",
        JsonTypes.Array => "an array",
        JsonTypes.Object => "an object",
        _ => "null",
    };
}
