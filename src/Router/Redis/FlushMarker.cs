namespace RouterGateway.Router.Redis;

/// <summary>The value under the marker key: the newest flushes, so that every gateway forgets what was flushed since it last looked, and no more.</summary>
/// <remarks>Entries <c>id=route</c>, newest last, separated by spaces; without a route everything was flushed.</remarks>
internal static class FlushMarker
{
    private const int MostEntries = 16;

    /// <summary>Adds a flush.</summary>
    /// <param name="marker">The value so far; null = there was none.</param>
    /// <param name="routeId">What was flushed; null = everything.</param>
    public static string Append(string? marker, string? routeId) =>
        string.Join(' ', Entries(marker).TakeLast(MostEntries - 1).Append($"{Guid.NewGuid():N}={routeId}"));

    /// <summary>Says what was flushed between two looks at the marker.</summary>
    /// <param name="before">What was seen before; null = nothing.</param>
    /// <param name="now">What is seen now.</param>
    /// <returns>Routes; null among them = everything, also when it cannot be told any more.</returns>
    public static IReadOnlyList<string?> Since(string? before, string now)
    {
        var entries = Entries(now);
        var known = Entries(before) is [.., var newest] ? Array.IndexOf(entries, newest) : -1;
        return known < 0 ? [null] : [.. entries[(known + 1)..].Select(static entry => entry.Split('=') is [_, { Length: > 0 } routeId] ? routeId : null).Distinct()];
    }

    private static string[] Entries(string? marker) => (marker ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
