using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Reads documents of which nothing is certain: what is not there, or of another kind, is <c>null</c> or empty.</summary>
internal static class OpenApiJson
{
    /// <summary>The member, or <see cref="JsonValueKind.Undefined"/>.</summary>
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    public static bool Has(this JsonElement json, string name) => json.Member(name).ValueKind != JsonValueKind.Undefined;

    public static string? Text(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static bool IsTrue(this JsonElement json, string name) => json.Member(name).ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonProperty> Members(this JsonElement json) => json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : [];

    public static IEnumerable<JsonElement> Items(this JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [];
}
