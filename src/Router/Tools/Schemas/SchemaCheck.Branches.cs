namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaCheck
{
    private const int MostBranchFaults = 3;
    private const int LongestDetails = 400;
    private const string NoneFits = "fits none of";

    private bool CheckInPlace(InPlaceRules rules, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = rules.Reference is null || Visit(rules.Reference, value, scope, faults, seen);
        if (rules.DynamicReference is { } target)
        {
            var actual = rules.DynamicAnchor is { } anchor ? scope.Find(anchor) ?? target : target;
            isValid &= Visit(actual, value, scope, faults, seen);
        }

        foreach (var schema in rules.All)
        {
            isValid &= (isValid || faults is not null) && Visit(schema, value, scope, faults, seen);
        }

        isValid &= (isValid || faults is not null) && (rules.Any.Length == 0 || CheckAny(rules.Any, value, scope, faults, seen));
        isValid &= (isValid || faults is not null) && (rules.One.Length == 0 || CheckOne(rules.One, value, scope, faults, seen));
        isValid &= (isValid || faults is not null) && (rules.Not is null || CheckNot(rules.Not, value, scope, faults));
        isValid &= (isValid || faults is not null) && (rules.If is null || CheckIf(rules, rules.If, value, scope, faults, seen));
        isValid &= (isValid || faults is not null) && CheckDependent(rules, value, scope, faults, seen);
        return isValid;
    }

    private bool CheckAny(SchemaNode[] branches, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = false;
        var found = new List<FaultList>();
        foreach (var branch in branches)
        {
            if (VisitBranch(branch, value, scope, faults is null || isValid ? null : found, seen))
            {
                isValid = true;
                if (seen is null)
                {
                    return true; // the others could only add to what was seen
                }
            }
        }

        if (!isValid && faults is not null)
        {
            Explain(branches, found, value, faults);
        }

        return isValid;
    }

    private bool CheckOne(SchemaNode[] branches, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var matching = new List<int>();
        var found = new List<FaultList>();
        for (var i = 0; i < branches.Length && matching.Count < 2; i++)
        {
            if (VisitBranch(branches[i], value, scope, faults is null || matching.Count > 0 ? null : found, seen))
            {
                matching.Add(i);
            }
        }

        if (matching.Count == 1)
        {
            return true;
        }

        if (matching.Count == 0 && faults is not null)
        {
            Explain(branches, found, value, faults);
        }

        if (matching.Count == 2)
        {
            faults?.Add(value, $"must match exactly one of {branches.Length} forms, but matches {Name(branches, matching[0])} and {Name(branches, matching[1])}; make it fit only one");
        }

        return false;
    }

    // What a branch has seen counts only if the branch holds.
    private bool VisitBranch(SchemaNode branch, JsonDatum value, CheckScope scope, List<FaultList>? found, bool[]? seen)
    {
        var own = seen is null ? null : CreateMarks(value);
        var faults = found is null || !Spend(4) ? null : new FaultList(value, MostBranchFaults);
        if (!Visit(branch, value, scope, faults, own))
        {
            if (faults is not null)
            {
                found?.Add(faults);
            }

            return false;
        }

        Merge(own, seen);
        return true;
    }

    private void Explain(SchemaNode[] branches, List<FaultList> found, JsonDatum value, FaultList faults)
    {
        // Words cost far more than looking at a value, most of all the path to it.
        if (!Spend(32 + found.Sum(static list => list.Entries.Sum(static fault => 8 + fault.Place.Depth))) || found.Count == 0)
        {
            return;
        }

        var expected = found.Select(static list => list.Expected).Distinct(StringComparer.Ordinal).ToList();
        if (!expected.Contains(null))
        {
            faults.AddExpected(value, JsonDisplay.List(expected.OfType<string>(), 8), isType: found.All(static list => list.Distance >= 1000));
            return;
        }

        var nearest = found.MinBy(static list => list.Distance)!; // there is one
        if (found.All(list => list == nearest || list.Distance >= 1000) || nearest.Entries is [{ Message: var nested }, ..] && nested.StartsWith(NoneFits, StringComparison.Ordinal))
        {
            faults.AddAll(nearest); // what it must be is plain, as where the others are only "null", or has been said
            return;
        }

        var details = string.Join("; ", nearest.InOrder().Select(fault => ReferenceEquals(fault.Place, value) ? fault.Message : $"{fault.Place.Path}: {fault.Message}"));
        details = details.Length > LongestDetails ? details[..LongestDetails] + "…" : details; // each level of branches could treble it
        faults.Add(value, $"{NoneFits} {branches.Length} forms; for the nearest one, {Name(branches, found.IndexOf(nearest))}: {details}");
    }

    private static string Name(SchemaNode[] branches, int index)
    {
        var title = branches[index].Title ?? branches[index].InPlace?.Reference?.Title;
        return title is null ? $"form {index + 1}" : $"form {index + 1} ({JsonDisplay.Quote(title)})";
    }

    private bool CheckNot(SchemaNode schema, JsonDatum value, CheckScope scope, FaultList? faults)
    {
        if (!Visit(schema, value, scope, null, null))
        {
            return true;
        }

        var what = schema switch
        {
            { Const: not null } or { Enum: not null } => $"must not be {JsonDisplay.ShowWhole(value)}",
            { Objects.Required: { Length: > 0 } names } => $"must not have {JsonDisplay.List(names.Select(JsonDisplay.Quote), 8, names.Length == 2 ? "together with" : "and")}",
            { Types: not JsonTypes.None } => $"must not be {Describe(schema.Types)}",
            _ => "has a form that its schema forbids under \"not\"; change it",
        };
        faults?.Add(value, what);
        return false;
    }

    private bool CheckIf(InPlaceRules rules, SchemaNode condition, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var next = VisitBranch(condition, value, scope, null, seen) ? rules.Then : rules.Else;
        return next is null || Visit(next, value, scope, faults, seen);
    }

    private bool CheckDependent(InPlaceRules rules, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        var isValid = true;
        foreach (var (name, schema) in rules.Dependent)
        {
            if (Spend(1) && value.IsObject && value.IndexOf(name) >= 0)
            {
                isValid &= Visit(schema, value, scope, faults, seen);
            }
        }

        return isValid;
    }
}
