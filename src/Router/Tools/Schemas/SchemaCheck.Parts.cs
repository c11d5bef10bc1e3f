namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaCheck
{
    private bool CheckArray(ArrayRules rules, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = CheckCount(value, value.Items.Length, rules.MinItems, rules.MaxItems, "item", "items", faults);
        isValid &= !rules.UniqueItems || CheckUnique(value, faults);
        isValid &= (isValid || faults is not null) && CheckItems(rules, value, scope, faults, seen);
        isValid &= (isValid || faults is not null) && (rules.Contains is null || CheckContains(rules, rules.Contains, value, scope, faults, seen));
        return isValid;
    }

    private bool CheckItems(ArrayRules rules, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = true;
        var last = rules.Rest is null ? Math.Min(rules.Prefix.Length, value.Items.Length) : value.Items.Length;
        for (var i = 0; i < last && _gaveUp is null; i++)
        {
            isValid &= i < rules.Prefix.Length
                ? Visit(rules.Prefix[i], value.Items[i], scope, faults, null)
                : rules.Rest!.Verdict != false ? Visit(rules.Rest, value.Items[i], scope, faults, null) // last is where Prefix ends when it is null
                : RefuseItem(value.Items[i], faults);
            if (seen is not null)
            {
                seen[i] = true;
            }

            if (!isValid && (faults is null || faults.IsFull))
            {
                return false;
            }
        }

        return isValid;
    }

    private static bool RefuseItem(JsonDatum item, FaultList? faults)
    {
        faults?.Add(item, "is an item too many; leave it out");
        return false;
    }

    private bool CheckContains(ArrayRules rules, SchemaNode contains, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var matching = 0;
        for (var i = 0; i < value.Items.Length && _gaveUp is null; i++)
        {
            if (Visit(contains, value.Items[i], scope, null, null))
            {
                matching++;
                if (seen is not null)
                {
                    seen[i] = true;
                }
            }
        }

        if (matching >= rules.MinContains && !(matching > rules.MaxContains))
        {
            return true;
        }

        var bound = matching < rules.MinContains ? $"at least {rules.MinContains}" : $"at most {rules.MaxContains}";
        faults?.Add(value, $"must contain {bound} of the items that its schema describes under \"contains\"{Hint(contains)}; it contains {matching}");
        return false;
    }

    private static string Hint(SchemaNode schema) => schema switch
    {
        { Const: { } constant } => $", {JsonDisplay.ShowWhole(constant)}",
        { Types: not JsonTypes.None } => $", {Describe(schema.Types)}",
        _ => "",
    };

    private bool CheckUnique(JsonDatum value, FaultList? faults)
    {
        var first = new Dictionary<JsonDatum, int>();
        for (var i = 0; i < value.Items.Length; i++)
        {
            if (!Spend(1 + (value.Items[i].Size / 8)))
            {
                return false;
            }

            if (!first.TryAdd(value.Items[i], i))
            {
                faults?.Add(value, $"must have no item twice; items {first[value.Items[i]]} and {i} are both {JsonDisplay.Show(value.Items[i])}");
                return false;
            }
        }

        return true;
    }

    private bool CheckObject(SchemaNode schema, ObjectRules rules, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = CheckCount(value, value.Items.Length, rules.MinProperties, rules.MaxProperties, "property", "properties", faults);
        isValid &= (isValid || faults is not null) && CheckRequired(rules, value, faults);
        isValid &= (isValid || faults is not null) && CheckNames(rules, value, scope, faults);
        for (var i = 0; i < value.Items.Length && (isValid || faults is { IsFull: false }) && _gaveUp is null; i++)
        {
            isValid &= CheckMember(schema, rules, value.Items[i], scope, faults, out var isKnown);
            if (seen is not null)
            {
                seen[i] |= isKnown;
            }
        }

        return isValid;
    }

    private bool CheckMember(SchemaNode schema, ObjectRules rules, JsonDatum member, CheckScope scope, FaultList? faults, out bool isKnown)
    {
        var isValid = true;
        isKnown = false;
        if (rules.Properties.TryGetValue(member.Key, out var property))
        {
            isKnown = true;
            isValid = Visit(property, member, scope, faults, null);
        }

        foreach (var (pattern, patterned) in rules.PatternProperties)
        {
            if (Matches(pattern, member.Key))
            {
                isKnown = true;
                isValid &= Visit(patterned, member, scope, faults, null);
            }
        }

        if (!isKnown && rules.Additional is { } additional)
        {
            isKnown = true;
            isValid = VisitLeftOver(schema, additional, member, scope, faults);
        }

        return isValid;
    }

    private bool CheckRequired(ObjectRules rules, JsonDatum value, FaultList? faults)
    {
        var isValid = Spend(rules.Required.Length);
        foreach (var name in rules.Required)
        {
            if (value.IndexOf(name) < 0)
            {
                faults?.Add(value, $"{JsonDisplay.Quote(name)} is missing");
                isValid = false;
            }
        }

        foreach (var (present, names) in rules.DependentRequired)
        {
            foreach (var name in Spend(1 + names.Length) && value.IndexOf(present) >= 0 ? names : [])
            {
                if (value.IndexOf(name) < 0)
                {
                    faults?.Add(value, $"{JsonDisplay.Quote(name)} is missing; it must be there because {JsonDisplay.Quote(present)} is");
                    isValid = false;
                }
            }
        }

        return isValid;
    }

    private bool CheckNames(ObjectRules rules, JsonDatum value, CheckScope scope, FaultList? faults)
    {
        var isValid = true;
        for (var i = 0; rules.Names is not null && i < value.Names.Length && _gaveUp is null; i++)
        {
            var name = new JsonDatum { Kind = System.Text.Json.JsonValueKind.String, Text = value.Names[i] }.Close([], []);
            var found = faults is null ? null : new FaultList(name, 1);
            if (!Visit(rules.Names, name, scope, found, null))
            {
                isValid = false;
                faults?.Add(value.Items[i], found is { Entries: [var fault] } ? $"the name of this property is not allowed: it {fault.Message}" : "has a name that is not allowed");
            }
        }

        return isValid;
    }
}
