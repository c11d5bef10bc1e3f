using System.Collections.Immutable;
using System.Text;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Collects the faults of a load and finds the place of each.</summary>
/// <param name="file">Name of the routes file for messages.</param>
/// <param name="bytes">The whole file, UTF-8.</param>
internal sealed class FaultList(string file, byte[] bytes)
{
    private readonly List<(int Order, RouteTableFault Fault)> _faults = [];
    private readonly Dictionary<string, int> _offsets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    /// <summary>True when nothing is wrong so far.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Remembers where the value of a path starts.</summary>
    public void Place(string path, int offset) => _offsets.TryAdd(path, offset);

    /// <summary>Adds a fault at a byte of the file.</summary>
    public void AddAt(int offset, string path, string message)
    {
        var (line, column) = LineAndColumn(offset);
        _faults.Add((offset, new RouteTableFault(file, line, column, path, message)));
    }

    /// <summary>Adds a fault at a path, and refuses later faults of the same value: they would only be consequences.</summary>
    public void Refuse(string path, string message)
    {
        AddAt(OffsetOf(path), path, message);
        _refused.Add(path);
    }

    /// <summary>Adds a fault at a path unless the value there, or one around it, was refused before.</summary>
    public void AddUnlessRefused(string path, string message)
    {
        for (var at = path; at is not null; at = FaultPath.Parent(at))
        {
            if (_refused.Contains(at))
            {
                return;
            }
        }

        AddAt(OffsetOf(path), path, message);
    }

    /// <summary>Refuses later faults of a path without adding one.</summary>
    public void Silence(string path) => _refused.Add(path);

    /// <summary>Adds a fault that lies in another file.</summary>
    public void AddElsewhere(string path, string otherFile, int line, int column, string message) =>
        _faults.Add((OffsetOf(path), new RouteTableFault(otherFile, line, column, path, message)));

    /// <summary>Adds a fault of the file as a whole, without a place.</summary>
    public void AddWhole(string message) => _faults.Add((-1, new RouteTableFault(file, 0, 0, "", message)));

    /// <summary>All faults in the order of the file.</summary>
    public ImmutableArray<RouteTableFault> ToImmutable() => [.. _faults.OrderBy(static f => f.Order).Select(static f => f.Fault).Distinct()];

    /// <summary>Offset of the byte at a line (from 0) and byte of that line (from 0).</summary>
    public int OffsetOf(long line, long byteInLine)
    {
        var start = 0;
        for (; line > 0 && start < bytes.Length; line--)
        {
            var end = bytes.AsSpan(start).IndexOf((byte)'\n');
            start = end < 0 ? bytes.Length : start + end + 1;
        }

        return (int)Math.Min(start + byteInLine, bytes.Length);
    }

    private int OffsetOf(string path)
    {
        for (var at = path; at is not null; at = FaultPath.Parent(at))
        {
            if (_offsets.TryGetValue(at, out var offset))
            {
                return offset;
            }
        }

        return 0;
    }

    private (int Line, int Column) LineAndColumn(int offset)
    {
        var before = bytes.AsSpan(0, Math.Min(offset, bytes.Length));
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        var bom = lineStart == 0 && before.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(lineStart + bom)..]) + 1);
    }
}
