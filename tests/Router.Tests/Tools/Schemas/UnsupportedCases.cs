namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>The groups of the official suite that are left out on purpose, and why.</summary>
internal static class UnsupportedCases
{
    /// <summary>The reason of those whose schemas must be refused, because nothing is fetched.</summary>
    public const string Remote = "refers to another document";

    private const string Annotations = "asserts \"format\" or \"contentEncoding\", which say nothing here";
    private const string Vocabularies = "turns keywords off by a metaschema of its own";

    private static readonly Dictionary<string, string> _groups = new(StringComparer.Ordinal)
    {
        ["anchor.json: invalid anchors"] = Remote,
        ["definitions.json: validate definition against metaschema"] = Remote,
        ["defs.json: validate definition against metaschema"] = Remote,
        ["dynamicRef.json: $ref and $dynamicAnchor are independent of order - $defs first"] = Remote,
        ["dynamicRef.json: $ref and $dynamicAnchor are independent of order - $ref first"] = Remote,
        ["dynamicRef.json: strict-tree schema, guards against misspelled properties"] = Remote,
        ["dynamicRef.json: tests for implementation dynamic anchor and reference link"] = Remote,
        ["id.json: Invalid use of fragments in location-independent $id"] = Remote,
        ["id.json: Unnormalized $ids are allowed but discouraged"] = Remote,
        ["id.json: Valid use of empty fragments in location-independent $id"] = Remote,
        ["ref.json: URN base URI with f-component"] = Remote,
        ["ref.json: remote ref, containing refs itself"] = Remote,
        ["refRemote.json"] = Remote,
        ["optional/cross-draft.json"] = Remote,
        ["optional/ecmascript-regex.json: \\a is not an ECMA 262 control escape"] = Remote,
        ["optional/format-assertion.json"] = Annotations,
        ["optional/content.json"] = Annotations,
        ["vocabulary.json"] = Vocabularies,
    };

    /// <returns>Null for what must pass.</returns>
    public static string? Reason(string file, string group) => _groups.GetValueOrDefault($"{file}: {group}") ?? _groups.GetValueOrDefault(file);
}
