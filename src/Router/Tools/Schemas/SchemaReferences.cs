using System.Globalization;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>The addresses within one schema, and how references are read.</summary>
internal sealed class SchemaReferences
{
    // What relative addresses are relative to; never shown and never fetched.
    private static readonly Uri _document = new("schema://document/");

    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);

    public SchemaResource CreateDocument() => _resources[_document.AbsoluteUri] = new SchemaResource(_document);

    /// <returns>The resource at an address, made if need be; null when it is no address.</returns>
    public SchemaResource? Enter(Uri origin, string id)
    {
        var (address, _) = Split(id);
        if (!TryCombine(origin, address, out var uri))
        {
            return null;
        }

        if (!_resources.TryGetValue(uri.AbsoluteUri, out var resource))
        {
            _resources.Add(uri.AbsoluteUri, resource = new SchemaResource(uri));
        }

        return resource;
    }

    /// <returns>The resource at an address, where an empty one is the origin's own; null when it is not in this document.</returns>
    public SchemaResource? Find(SchemaResource origin, string address)
    {
        if (address.Length == 0)
        {
            return origin;
        }

        return TryCombine(origin.Address, address, out var uri) ? _resources.GetValueOrDefault(uri.AbsoluteUri) : null;
    }

    public static (string Address, string Fragment) Split(string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? (reference, "") : (reference[..hash], Uri.UnescapeDataString(reference[(hash + 1)..]));
    }

    /// <returns>Where a JSON pointer leads; null for nowhere.</returns>
    public static JsonDatum? Follow(JsonDatum root, string pointer)
    {
        var at = root;
        foreach (var token in pointer.Split('/').Skip(1))
        {
            var key = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var next = at.IsObject ? at.Find(key)
                : at.IsArray && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.Items.Length ? at.Items[index]
                : null;
            if (next is null)
            {
                return null;
            }

            at = next;
        }

        return at;
    }

    private static bool TryCombine(Uri origin, string address, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? uri)
    {
        try
        {
            return Uri.TryCreate(origin, address, out uri) && uri.IsAbsoluteUri && uri.AbsoluteUri.Length > 0;
        }
        catch (UriFormatException) // some addresses are accepted and only fail when they are written out
        {
            uri = null;
            return false;
        }
    }
}
