using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>What came of reading an OpenAPI document.</summary>
/// <param name="Tools">One for every operation that can be called; names are unique.</param>
/// <param name="Skipped">What was left out and why, each a sentence that begins with the operation.</param>
/// <param name="Fault">Why the document as a whole cannot be read; <c>null</c>: it was.</param>
internal sealed record OpenApiImportResult(IReadOnlyList<ToolDefinition> Tools, IReadOnlyList<string> Skipped, string? Fault)
{
    public static OpenApiImportResult Refused(string fault) => new([], [], fault);
}
