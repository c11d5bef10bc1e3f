namespace RouterGateway.Router.Prompts;

/// <summary>What the beginning of a line looks like: runs of letters, runs of digits, blanks, and other characters as they are.</summary>
internal static class LineShape
{
    /// <summary>The shape of lines that begin with words only, and of empty ones.</summary>
    public const int Prose = 0;

    private const int Units = 6; // "2026-11-21 " is "0-0-0 "

    /// <summary>Returns a number that lines of one shape share; lines of other shapes rarely do.</summary>
    public static int Of(string line)
    {
        var (shape, units, last, isProse) = (17, 0, '\0', true);
        foreach (var c in line)
        {
            var unit = char.IsAsciiDigit(c) ? '0' : char.IsLetter(c) || c == '_' ? 'a' : char.IsWhiteSpace(c) ? ' ' : c;
            if (unit == last && unit is '0' or 'a' or ' ')
            {
                continue;
            }

            if (units++ == Units)
            {
                break;
            }

            (shape, last) = (unchecked((shape * 31) + unit), unit);
            isProse &= unit is 'a' or ' ' or '\'' or ',';
        }

        return isProse || shape == Prose ? Prose : shape;
    }
}
