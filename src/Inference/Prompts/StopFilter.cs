using System.Text;

namespace RouterGateway.Inference.Prompts;

/// <summary>Ends a text before the first stop string, holding back what may be the beginning of one.</summary>
/// <remarks>One step of the Knuth-Morris-Pratt automaton per character and stop string, however the text is cut.</remarks>
internal sealed class StopFilter(IReadOnlyList<string> stops)
{
    private readonly int[][] _failures = [.. stops.Select(BuildFailures)];
    private readonly int[] _matched = new int[stops.Count]; // characters of each stop string that the text ends with
    private readonly StringBuilder _held = new();

    /// <summary>Whether a stop string has come: nothing more is given out.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Adds text.</summary>
    /// <returns>What can be given out; empty while it may be part of a stop string.</returns>
    public string Append(string text)
    {
        if (IsStopped || stops.Count == 0)
        {
            return IsStopped ? "" : text;
        }

        foreach (var c in text)
        {
            _held.Append(c);
            for (var i = 0; i < stops.Count; i++)
            {
                if (Step(i, c))
                {
                    IsStopped = true;
                    return Take(Math.Max(0, _held.Length - stops[i].Length));
                }
            }
        }

        return Take(_held.Length - _matched.Max());
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back and turned out not to be a stop string.</returns>
    public string Flush() => IsStopped ? "" : Take(_held.Length);

    private static int[] BuildFailures(string stop)
    {
        var failures = new int[stop.Length];
        for (int i = 1, length = 0; i < stop.Length; i++)
        {
            while (length > 0 && stop[i] != stop[length])
            {
                length = failures[length - 1];
            }

            length += stop[i] == stop[length] ? 1 : 0;
            failures[i] = length;
        }

        return failures;
    }

    private bool Step(int index, char c)
    {
        var stop = stops[index];
        var matched = _matched[index];
        while (matched > 0 && stop[matched] != c)
        {
            matched = _failures[index][matched - 1];
        }

        matched += stop[matched] == c ? 1 : 0;
        _matched[index] = matched;
        return matched == stop.Length;
    }

    private string Take(int length)
    {
        var text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }
}
