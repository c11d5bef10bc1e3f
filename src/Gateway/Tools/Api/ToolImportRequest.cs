using System.Text.Json;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Tools.OpenApi;
using RouterGateway.Router;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Api;

/// <summary>
/// A body of POST /v1/tools/import: an OpenAPI document, or <c>{"document": {...}, "baseUrl": "https://api.example.com", "secrets": {"scheme": "name"},
/// "visibility": "shared", "leaseTtl": "10m"}</c>.
/// </summary>
/// <param name="Definitions">A tool for every operation that can be called.</param>
/// <param name="Skipped">What was left out, and why.</param>
internal sealed record ToolImportRequest(IReadOnlyList<ToolDefinition> Definitions, IReadOnlyList<string> Skipped)
{
    private static readonly string[] _members = ["document", "baseUrl", "secrets", "visibility", "leaseTtl"];

    /// <param name="root">The body.</param>
    /// <param name="settings">What definitions may refer to.</param>
    public static (ToolImportRequest? Request, GatewayFailure? Failure) Read(JsonElement root, ToolSettings settings)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Refuse("The body must be an OpenAPI document, or an object that holds one as \"document\".", null);
        }

        if (root.TryGetProperty("openapi"u8, out _))
        {
            return Import(root, null, null, settings, static definition => definition);
        }

        if (root.EnumerateObject().Select(static member => member.Name).FirstOrDefault(static name => !_members.Contains(name)) is { } unknown)
        {
            return Refuse($"Unknown key \"{(unknown.Length <= 60 ? unknown : unknown[..60] + "...")}\"{Spelling.Hint(unknown, _members)}", unknown);
        }

        if (!root.TryGetProperty("document"u8, out var document))
        {
            return Refuse("\"document\" is missing: the OpenAPI document, as JSON.", "document");
        }

        if (!TryText(root, "baseUrl", out var baseUrl))
        {
            return Refuse("\"baseUrl\" must be an address such as \"https://api.example.com\".", "baseUrl");
        }

        if (!TryText(root, "visibility", out var visibility) || visibility is not (null or "private" or "shared"))
        {
            return Refuse("\"visibility\" must be \"private\" or \"shared\".", "visibility");
        }

        if (!TryText(root, "leaseTtl", out var lease) || !TryLease(lease, out var leaseTtl))
        {
            return Refuse($"\"leaseTtl\" {ToolDefinitionReader.LeaseFault}.", "leaseTtl");
        }

        if (ReadSecrets(root) is not { } secrets)
        {
            return Refuse("\"secrets\" must map names of security schemes to names of secrets of routes.json.", "secrets");
        }

        return Import(document, baseUrl, secrets, settings, definition => definition with
        {
            Visibility = visibility == "shared" ? ToolVisibility.Shared : ToolVisibility.Private,
            LeaseTtl = leaseTtl,
        });
    }

    private static (ToolImportRequest? Request, GatewayFailure? Failure) Import(
        JsonElement document, string? baseUrl, Dictionary<string, string>? secrets, ToolSettings settings, Func<ToolDefinition, ToolDefinition> complete)
    {
        var import = OpenApiImport.Read(document, baseUrl, secrets);
        if (import.Fault is { } fault)
        {
            return Refuse(fault, "document");
        }

        var definitions = import.Tools.Select(complete).ToArray();
        var faults = definitions.SelectMany(definition => ToolRegistrationRequest.Faults(definition, settings).Select(found => found with { Path = $"{definition.Name}.{found.Path}" })).ToArray();
        return faults.Length > 0 ? (null, ToolRegistrationRequest.Refuse(faults))
            : definitions.Length == 0 ? Refuse($"The document has no operation that can be a tool. {string.Join(" ", import.Skipped.Take(5))}".TrimEnd(), "document")
            : (new ToolImportRequest(definitions, import.Skipped), null);
    }

    private static bool TryLease(string? text, out TimeSpan? lease)
    {
        lease = null;
        if (text is null)
        {
            return true;
        }

        var isLease = ToolDefinitionReader.TryReadLease(text, out var read);
        lease = read;
        return isLease;
    }

    private static Dictionary<string, string>? ReadSecrets(JsonElement root)
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!root.TryGetProperty("secrets"u8, out var written) || written.ValueKind == JsonValueKind.Null)
        {
            return secrets;
        }

        if (written.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in written.EnumerateObject())
        {
            if (!TryText(written, member.Name, out var name) || name is null)
            {
                return null;
            }

            secrets[member.Name] = name;
        }

        return secrets;
    }

    private static bool TryText(JsonElement parent, string name, out string? text)
    {
        text = null;
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // half a surrogate pair: no text
        }

        return text is not null;
    }

    private static (ToolImportRequest?, GatewayFailure?) Refuse(string message, string? param) => (null, new GatewayFailure(GatewayError.InvalidRequest, message, param));
}
