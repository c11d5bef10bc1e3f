using System.Globalization;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Durations as written in the file: a number with a unit, as in <c>250ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class Duration
{
    /// <summary>JSON Schema pattern of a duration.</summary>
    public const string Pattern = @"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h)$";

    /// <summary>The longest duration that a timer can take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Reads a duration above zero and up to <see cref="Longest"/>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.AsSpan(0, Math.Max(text.AsSpan().IndexOfAnyInRange('a', 'z'), 0));
        double? unitMs = text.AsSpan(digits.Length) switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => null,
        };
        if (unitMs is null || digits.Length is 0 or > 16 || !char.IsAsciiDigit(digits[0]) || !char.IsAsciiDigit(digits[^1]) ||
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var milliseconds = number * unitMs.Value;
        if (milliseconds <= 0 || milliseconds > Longest.TotalMilliseconds)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(milliseconds);
        return duration > TimeSpan.Zero;
    }
}
