using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Finds what <c>$ref</c> names within one document; nothing is ever fetched.</summary>
internal sealed class OpenApiReferences(JsonElement root)
{
    private const int MostHops = 16;
    private const int MostSegments = 64;

    // every place and every list of members once: a document of 4 MiB can hold a hundred thousand references into one long list
    private readonly Dictionary<string, JsonElement> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, JsonElement>> _members = new(StringComparer.Ordinal);

    /// <summary>Finds a place such as <c>#/components/schemas/Pet</c>.</summary>
    public bool TryFind(string reference, out JsonElement found)
    {
        found = default;
        return reference.StartsWith("#/", StringComparison.Ordinal) && reference.AsSpan().Count('/') <= MostSegments && TryFindPlace(reference, out found);
    }

    /// <summary>Follows references until something is found that is none.</summary>
    /// <param name="json">Perhaps a reference.</param>
    /// <param name="found">What it stands for.</param>
    /// <param name="pointer">Where that is; <c>null</c> when <paramref name="json"/> is no reference.</param>
    /// <param name="fault">Why there is nothing, to be read behind the operation's name.</param>
    public bool TryFollow(JsonElement json, out JsonElement found, out string? pointer, [NotNullWhen(false)] out string? fault)
    {
        (found, pointer, fault) = (json, null, null);
        return json.Text("$ref") is not { } reference || TryFollow(reference, out found, out pointer, out fault);
    }

    /// <summary>The same for the text of a reference.</summary>
    /// <param name="reference">The text.</param>
    /// <param name="found">What it stands for.</param>
    /// <param name="pointer">Where that is.</param>
    /// <param name="fault">Why there is nothing.</param>
    /// <param name="isAlias">Whether something with a reference is nothing else; <c>null</c>: it always is.</param>
    public bool TryFollow(string reference, out JsonElement found, out string? pointer, [NotNullWhen(false)] out string? fault, Func<JsonElement, bool>? isAlias = null)
    {
        (found, pointer, fault) = (default, reference, null);
        for (var hop = 0; hop < MostHops; hop++)
        {
            if (!TryFind(pointer, out found))
            {
                fault = $"refers to \"{Brief(pointer)}\", which is not in the document";
                return false;
            }

            if (found.Text("$ref") is not { } next || (isAlias is not null && !isAlias(found)))
            {
                return true;
            }

            pointer = next;
        }

        fault = $"refers to \"{Brief(reference)}\", which leads in a circle";
        return false;
    }

    /// <summary>As much of a text as a message can hold.</summary>
    public static string Brief(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[99]) ? 99 : 100), "…");

    private bool TryFindPlace(string pointer, out JsonElement found)
    {
        if (pointer == "#")
        {
            found = root;
            return true;
        }

        if (_places.TryGetValue(pointer, out found))
        {
            return found.ValueKind != JsonValueKind.Undefined;
        }

        var slash = pointer.LastIndexOf('/');
        var parent = pointer[..slash];
        if (TryFindPlace(parent, out var container))
        {
            var name = Uri.UnescapeDataString(pointer[(slash + 1)..]).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            found = MembersOf(parent, container).GetValueOrDefault(name);
        }

        _places[pointer] = found;
        return found.ValueKind != JsonValueKind.Undefined;
    }

    private Dictionary<string, JsonElement> MembersOf(string pointer, JsonElement container)
    {
        if (!_members.TryGetValue(pointer, out var members))
        {
            members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in container.Members())
            {
                members[member.Name] = member.Value;
            }

            foreach (var (index, item) in container.Items().Index())
            {
                members[index.ToString(CultureInfo.InvariantCulture)] = item;
            }

            _members[pointer] = members;
        }

        return members;
    }
}
