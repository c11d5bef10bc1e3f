using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>A parameter of an operation as an argument of a tool.</summary>
/// <param name="Name">What models call it.</param>
/// <param name="Place"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="WireName">What the service calls it.</param>
/// <param name="Schema">What it may be; undefined: anything.</param>
/// <param name="Description">For models; may be <c>null</c>.</param>
/// <param name="IsRequired">Whether every call has it.</param>
internal sealed record OpenApiArgument(string Name, string Place, string WireName, JsonElement Schema, string? Description, bool IsRequired);
