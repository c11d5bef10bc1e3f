using System.Collections.Immutable;
using System.Text;

namespace RouterGateway.Router.Routes.Source;

/// <summary>A text file of examples: one a line; empty lines and lines that start with <c>#</c> are left out.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Examples">The examples in the order of the file; empty when it has a fault.</param>
/// <param name="Bytes">What was read, for the hash of the table.</param>
internal sealed record ExamplesFile(string Path, ImmutableArray<string> Examples, byte[] Bytes)
{
    /// <summary>Larger files are refused: they are not written by hand.</summary>
    public const int LargestBytes = 16 << 20;

    /// <summary>Reads a file; what is wrong with it becomes a fault of <paramref name="faultPath"/>.</summary>
    public static ExamplesFile Read(string folder, string file, string faultPath, FaultList faults)
    {
        try
        {
            var path = System.IO.Path.GetFullPath(file, folder);
            var bytes = SourceBytes.Read(path, LargestBytes);
            if (SourceBytes.FirstInvalidUtf8(bytes) is >= 0 and var invalid)
            {
                faults.Silence(faultPath);
                faults.AddElsewhere(faultPath, file, bytes.AsSpan(0, invalid).Count((byte)'\n') + 1, 1, "is not UTF-8 text");
                return new ExamplesFile(path, [], bytes);
            }

            var text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
            ImmutableArray<string> examples = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#')];
            if (examples.IsEmpty)
            {
                faults.Refuse(faultPath, $"file \"{FaultPath.Printable(file)}\" holds no example");
            }

            return new ExamplesFile(path, examples, bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Refuse(faultPath, $"file \"{FaultPath.Printable(file)}\" cannot be read: {SourceBytes.Reason(fault)}");
            return new ExamplesFile(file, [], []);
        }
    }
}
