using System.Buffers;
using System.Text.Json;
using RouterGateway.Router.Routes.Source;
using RouterGateway.Router.Routes.Validation;

namespace RouterGateway.Router.Routes;

/// <summary>Reads a routes file (JSON with comments and trailing commas) into a <see cref="RouteTable"/>.</summary>
public static class RouteTableLoader
{
    private const int LargestBytes = 16 << 20;

    /// <summary>Reads and checks the file, its examples files and the model folders it names; never throws for what they hold.</summary>
    /// <param name="file">Path of the routes file; folders named in it are relative to its own.</param>
    /// <param name="text">What is classified, in place of <c>router.text</c>; null = as the file says.</param>
    public static RouteTableLoadResult Load(string file, TextScope? text = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var path = Path.GetFullPath(file);
        byte[] bytes;
        try
        {
            bytes = SourceBytes.Read(path, LargestBytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            var unread = new FaultList(Path.GetFileName(path), []);
            unread.AddWhole($"cannot be read: {SourceBytes.Reason(fault)} (looked for {path})");
            return new RouteTableLoadResult(unread.ToImmutable(), mayBeHalfWritten: true);
        }

        return Load(path, bytes, text, isCandidate: false);
    }

    /// <summary>Checks what might become the routes file, in the place of that file, into a table to try out: without Redis and receipts, and with
    /// time enough for every decision.</summary>
    /// <param name="file">Path of the routes file; folders named in the bytes are relative to its own.</param>
    /// <param name="bytes">What would be in it.</param>
    internal static RouteTableLoadResult LoadCandidate(string file, byte[] bytes)
    {
        if (bytes.Length <= LargestBytes)
        {
            return Load(Path.GetFullPath(file), bytes, text: null, isCandidate: true);
        }

        var faults = new FaultList(Path.GetFileName(file), []);
        faults.AddWhole($"is larger than {LargestBytes >> 20} MiB");
        return new RouteTableLoadResult(faults.ToImmutable(), mayBeHalfWritten: false);
    }

    private static RouteTableLoadResult Load(string path, byte[] bytes, TextScope? text, bool isCandidate)
    {
        var faults = new FaultList(Path.GetFileName(path), bytes);
        if (bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            faults.AddAt(0, "", "is empty");
            return new RouteTableLoadResult(faults.ToImmutable(), mayBeHalfWritten: true);
        }

        var isJson = SourceParser.TryParse(bytes, faults, out var root);
        var file = root is null ? null : CheckShape(root, faults, deserialize: isJson);
        if (file is null)
        {
            return new RouteTableLoadResult(faults.ToImmutable(), mayBeHalfWritten: !isJson);
        }

        var examplesFiles = ReadExamples(file, Path.GetDirectoryName(path)!, faults);
        foreach (var failure in new RoutesFileValidator(Path.GetDirectoryName(path)!).Validate(file).Errors)
        {
            faults.AddUnlessRefused(FaultPath.FromProperty(failure.PropertyName), failure.ErrorMessage);
        }

        return faults.IsEmpty
            ? new RouteTableLoadResult(new RouteTableBuilder(path, examplesFiles, text, isCandidate).Build(file, bytes))
            : new RouteTableLoadResult(faults.ToImmutable(), mayBeHalfWritten: false);
    }

    private static RoutesFile? CheckShape(SourceNode root, FaultList faults, bool deserialize)
    {
        if (root.Kind == JsonValueKind.Null)
        {
            faults.Refuse("", "must be an object: { … }");
        }

        var cleaned = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(cleaned))
        {
            new ShapeCheck(faults, writer).Check(root, typeof(RoutesFile), "");
        }

        return deserialize ? JsonSerializer.Deserialize(cleaned.WrittenSpan, RoutesFileContext.Default.RoutesFile) : null;
    }

    private static Dictionary<int, ExamplesFile> ReadExamples(RoutesFile file, string folder, FaultList faults)
    {
        var read = new Dictionary<int, ExamplesFile>();
        for (var i = 0; i < (file.Routes?.Count ?? 0); i++)
        {
            if (file.Routes![i]?.ExamplesFile is { } examples)
            {
                read[i] = ExamplesFile.Read(folder, examples, $"routes[{i}].examplesFile", faults);
            }
        }

        return read;
    }
}
