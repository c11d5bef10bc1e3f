using System.Globalization;
using System.Numerics;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A JSON number, exact whatever its size: ±<paramref name="Digits"/> × 10^<paramref name="Exponent"/>.</summary>
/// <remarks>The digits have no zeros at either end, so that equal numbers are equal records; zero has none.</remarks>
internal sealed record JsonNumber(bool IsNegative, string Digits, long Exponent)
{
    // Far beyond any length of digits, and far from overflowing when lengths are added to it.
    private const long LargestExponent = 1_000_000_000_000;
    private const int MostExactDigits = 4096;

    private static readonly JsonNumber _zero = new(false, "", 0);

    public bool IsInteger => Exponent >= 0;

    private long Magnitude => Digits.Length + Exponent;

    /// <param name="text">A number by the grammar of JSON.</param>
    public static JsonNumber Parse(string text)
    {
        var sign = text[0] == '-' ? 1 : 0;
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = text[sign..(e < 0 ? text.Length : e)];
        var exponent = e < 0 ? 0 : ParseExponent(text.AsSpan(e + 1));
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }

        var digits = mantissa.TrimStart('0');
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? _zero : new JsonNumber(sign == 1, trimmed, exponent + digits.Length - trimmed.Length);
    }

    public static int Compare(JsonNumber left, JsonNumber right)
    {
        var (leftSign, rightSign) = (left.Sign(), right.Sign());
        if (leftSign != rightSign || leftSign == 0)
        {
            return leftSign.CompareTo(rightSign);
        }

        var order = left.Magnitude.CompareTo(right.Magnitude);
        return leftSign * (order != 0 ? order : string.CompareOrdinal(left.Digits, right.Digits)); // no zeros in front, so a prefix is less
    }

    /// <summary>The number as a count, no more than <see cref="long.MaxValue"/>; null when it is negative or not whole.</summary>
    public long? ToCount()
    {
        if (IsNegative || !IsInteger)
        {
            return null;
        }

        if (Magnitude > 18)
        {
            return long.MaxValue;
        }

        return Digits.Length == 0 ? 0 : long.Parse(Digits + new string('0', (int)Exponent), CultureInfo.InvariantCulture);
    }

    /// <param name="divisor">Above zero.</param>
    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (Digits.Length == 0)
        {
            return true;
        }

        if (Exponent < divisor.Exponent)
        {
            return false; // it would take a zero at the end of Digits, and there is none
        }

        if (Digits.Length + divisor.Digits.Length > MostExactDigits)
        {
            return ToDouble() % divisor.ToDouble() == 0; // multiplying thousands of digits is work that a document should not be able to ask for
        }

        var modulus = BigInteger.Parse(divisor.Digits, CultureInfo.InvariantCulture);
        var power = BigInteger.ModPow(10, Exponent - divisor.Exponent, modulus);
        return (BigInteger.Parse(Digits, CultureInfo.InvariantCulture) * power % modulus).IsZero;
    }

    private static long ParseExponent(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            ? Math.Clamp(exponent, -LargestExponent, LargestExponent)
            : text[0] == '-' ? -LargestExponent : LargestExponent;

    private int Sign() => Digits.Length == 0 ? 0 : IsNegative ? -1 : 1;

    private double ToDouble() => double.Parse($"{Digits}e{Exponent}", CultureInfo.InvariantCulture);
}
