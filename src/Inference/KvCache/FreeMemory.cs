using System.Globalization;

namespace RouterGateway.Inference.KvCache;

/// <summary>How much memory this process may still take.</summary>
internal static class FreeMemory
{
    private const string SystemFile = "/proc/meminfo";

    /// <summary>Bytes: what the machine has free, or what is left of the container's limit, whichever is less.</summary>
    public static long Bytes()
    {
        var left = Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet);
        return File.Exists(SystemFile) && TryReadAvailable(File.ReadLines(SystemFile), out var available) ? Math.Min(left, available) : left;
    }

    /// <summary>Reads the line "MemAvailable:  123 kB".</summary>
    internal static bool TryReadAvailable(IEnumerable<string> lines, out long bytes)
    {
        bytes = 0;
        var parts = lines.FirstOrDefault(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [_, var number, "kB"] || !long.TryParse(number, CultureInfo.InvariantCulture, out var kibibytes))
        {
            return false;
        }

        bytes = kibibytes << 10;
        return true;
    }
}
