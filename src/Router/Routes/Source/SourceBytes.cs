using System.Text;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Reads whole files that somebody may be writing at the moment.</summary>
internal static class SourceBytes
{
    /// <summary>Reads a file without locking out its writer.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger than allowed.</exception>
    public static byte[] Read(string path, int largestBytes)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.CanSeek && stream.Length > largestBytes)
        {
            throw new IOException($"it is larger than {largestBytes >> 20} MiB");
        }

        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Returns the offset of the first byte that is not UTF-8; -1 when all is.</summary>
    public static int FirstInvalidUtf8(ReadOnlySpan<byte> bytes)
    {
        for (var offset = 0; offset < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[offset..], out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return offset;
            }

            offset += consumed;
        }

        return -1;
    }

    /// <summary>Says in a few words why a file could not be read.</summary>
    public static string Reason(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException when fault.Message.Contains("denied", StringComparison.Ordinal) => "access is denied, or it is a folder",
        _ => FaultPath.Printable(fault.Message),
    };
}
