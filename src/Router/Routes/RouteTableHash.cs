using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes;

/// <summary>Names the content of a table in 16 hexadecimal digits.</summary>
internal static class RouteTableHash
{
    /// <summary>Hash of several files.</summary>
    public static string OfBytes(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            Append(hash, part);
        }

        return Digits(hash);
    }

    /// <summary>Hash of what several files hold now; a file that cannot be read counts as a content of its own.</summary>
    public static string OfFiles(IEnumerable<string> files) => OfBytes(files.Select(static file =>
    {
        try
        {
            return SourceBytes.Read(file, ExamplesFile.LargestBytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "\0unreadable"u8.ToArray();
        }
    }));

    /// <summary>Hash of what influences decisions.</summary>
    public static string OfRouting(RouterSettings settings, ImmutableArray<Route> routes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // whether there is a model: which one, its own hash says, wherever it lies on this machine
        Append(hash, settings.ClassifierFolder is null ? null : "classifier", Number(settings.MinConfidence), Number(settings.MinMargin), settings.DefaultRouteId, settings.Text.ToString());
        if (settings.ScorerFolder is not null)
        {
            Append(hash, "scorer", settings.ScorerDebias ? "two orders" : "one order");
        }

        foreach (var route in routes.OrderBy(static r => r.Id, StringComparer.Ordinal))
        {
            Append(hash, "route", route.Id, route.Description, route.MinConfidence is { } least ? Number(least) : null);
            Append(hash, ["examples", .. route.Examples.Order(StringComparer.Ordinal)]);
            Append(hash, ["counterExamples", .. route.CounterExamples.Order(StringComparer.Ordinal)]);
        }

        // the first route whose rule matches wins, so here the order counts
        foreach (var route in routes.Where(static r => !r.Rules.IsEmpty))
        {
            Append(hash, ["rules", route.Id, .. route.Rules.Keywords, "patterns", .. route.Rules.Patterns.Select(static p => p.ToString()), .. Flags(route.Rules)]);
        }

        return Digits(hash);
    }

    private static string[] Flags(RouteRules rules) => rules switch
    {
        { HasImages: true, HasTools: true } => ["hasImages", "hasTools"],
        { HasImages: true } => ["hasImages"],
        { HasTools: true } => ["hasTools"],
        _ => [],
    };

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static void Append(IncrementalHash hash, params IEnumerable<string?> parts)
    {
        foreach (var part in parts)
        {
            Append(hash, Encoding.UTF8.GetBytes(part is null ? "-" : "+" + part));
        }
    }

    private static void Append(IncrementalHash hash, byte[] part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }

    private static string Digits(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
}
