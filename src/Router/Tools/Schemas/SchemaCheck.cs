using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Holds one document against one schema, and gives up when that takes too much work.</summary>
/// <remarks>
/// The work is bounded by counting, because a schema of a few lines can ask for more than any computer can do: branches within
/// branches that refer back to themselves. The depth is bounded because each level is a frame of the stack.
/// </remarks>
internal sealed partial class SchemaCheck
{
    /// <summary>Some 100 ms of work; a call of a tool takes a few hundred steps.</summary>
    internal const int MostSteps = 1_000_000;

    private const int MostLevels = 512;

    private readonly FaultList _faults;
    private string? _gaveUp;
    private int _levels;

    private SchemaCheck(JsonDatum document) => _faults = new FaultList(document, 64);

    /// <summary>How much work it was, no more than <see cref="MostSteps"/> and the last step.</summary>
    internal long Steps { get; private set; }

    public static IReadOnlyList<SchemaFault> Run(SchemaNode schema, JsonDatum document, int maxFaults) => Run(schema, document, maxFaults, out _);

    internal static IReadOnlyList<SchemaFault> Run(SchemaNode schema, JsonDatum document, int maxFaults, out long steps)
    {
        var check = new SchemaCheck(document);
        var isValid = check.Visit(schema, document, null, check._faults, null);
        steps = check.Steps;
        if (check._gaveUp is { } reason)
        {
            return [new SchemaFault("/", reason)];
        }

        return isValid ? [] : [.. check._faults.InOrder().Take(maxFaults).Select(static fault => new SchemaFault(fault.Place.Path, fault.Message))];
    }

    // faults receives what is wrong, and is null when only the answer matters; seen receives which of the value's items or
    // properties were spoken of, and is null when nobody asks. So it is in all parts of this class.
    private bool Visit(SchemaNode schema, JsonDatum value, CheckScope? scope, FaultList? faults, bool[]? seen)
    {
        if (!Spend(1) || !CanDescend())
        {
            return false;
        }

        faults = faults is { IsFull: true } ? null : faults;
        if (schema.Verdict is { } verdict)
        {
            if (!verdict)
            {
                faults?.Add(value, "is not allowed here; leave it out");
            }

            return verdict;
        }

        _levels++;
        var isValid = VisitRules(schema, value, CheckScope.Enter(schema.Resource, scope), faults, seen);
        _levels--;
        return isValid;
    }

    private bool VisitRules(SchemaNode schema, JsonDatum value, CheckScope scope, FaultList? faults, bool[]? seen)
    {
        if (!CheckType(schema, value, faults))
        {
            return false; // nothing else that could be said about it would help
        }

        var unevaluated = value.IsArray ? schema.UnevaluatedItems : value.IsObject ? schema.UnevaluatedProperties : null;
        var own = unevaluated is null ? seen : CreateMarks(value);
        var isValid = CheckValue(schema, value, faults);
        isValid &= (isValid || faults is not null) && value.Kind switch
        {
            JsonValueKind.Number => schema.Numbers is not { } rules || CheckNumber(rules, value, faults),
            JsonValueKind.String => schema.Strings is not { } rules || CheckString(rules, value, faults),
            JsonValueKind.Array => schema.Arrays is not { } rules || CheckArray(rules, value, scope, faults, own),
            JsonValueKind.Object => schema.Objects is not { } rules || CheckObject(schema, rules, value, scope, faults, own),
            _ => true,
        };
        isValid &= (isValid || faults is not null) && (schema.InPlace is not { } inPlace || CheckInPlace(inPlace, value, scope, faults, own));
        if (isValid && unevaluated is not null)
        {
            isValid = CheckUnevaluated(schema, unevaluated, value, scope, faults, own!); // own was made for it
            Merge(own, seen);
        }

        return isValid;
    }

    private bool CheckUnevaluated(SchemaNode schema, SchemaNode unevaluated, JsonDatum value, CheckScope scope, FaultList? faults, bool[] seen)
    {
        var isValid = true;
        for (var i = 0; i < seen.Length && _gaveUp is null; i++)
        {
            if (!seen[i])
            {
                seen[i] = true;
                isValid &= VisitLeftOver(schema, unevaluated, value.Items[i], scope, faults);
                if (!isValid && faults is null)
                {
                    break;
                }
            }
        }

        return isValid;
    }

    // What nothing else speaks of: where that must not be, the name is most likely misspelt.
    private bool VisitLeftOver(SchemaNode schema, SchemaNode rule, JsonDatum value, CheckScope scope, FaultList? faults)
    {
        if (rule.Verdict != false || faults is null || !Spend(32))
        {
            return Visit(rule, value, scope, faults, null);
        }

        faults.Add(value, value.Parent is { IsArray: true } ? "is an item too many; leave it out" : KnownNames.Explain(schema, value));
        return false;
    }

    private bool Spend(long steps)
    {
        Steps += steps;
        if (Steps > MostSteps)
        {
            GiveUp("takes too much work to check against its schema; make it smaller, or the schema simpler");
        }

        return _gaveUp is null;
    }

    private bool CanDescend()
    {
        if (_levels >= MostLevels || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            GiveUp("is nested too deep to check against its schema; make it flatter, or the schema simpler");
        }

        return _gaveUp is null;
    }

    private void GiveUp(string reason) => _gaveUp ??= reason;

    private bool[] CreateMarks(JsonDatum value)
    {
        Spend(value.Items.Length / 16);
        return new bool[value.Items.Length];
    }

    private static void Merge(bool[]? from, bool[]? into)
    {
        for (var i = 0; i < from?.Length && into is not null; i++)
        {
            into[i] |= from[i];
        }
    }
}
