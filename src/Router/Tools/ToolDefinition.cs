using System.Text.Json;
using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tools;

/// <summary>A tool as it was registered or declared: immutable, checked by <see cref="ToolDefinitionReader"/>.</summary>
public sealed record ToolDefinition
{
    /// <summary>Longest name, as the APIs of models have it.</summary>
    public const int LongestName = 64;

    /// <summary>1 to <see cref="LongestName"/> of <c>[a-zA-Z0-9_-]</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, for models.</summary>
    public string Description { get; init; } = "";

    /// <summary>JSON Schema of the arguments, an object; owns its memory.</summary>
    public required JsonElement Parameters { get; init; }

    /// <summary>The compiled <see cref="Parameters"/>.</summary>
    public required JsonSchema Schema { get; init; }

    /// <summary>Where it runs.</summary>
    public required ToolTarget Target { get; init; }

    /// <summary>Who may use it.</summary>
    public ToolVisibility Visibility { get; init; }

    /// <summary>How long it stays without a heartbeat; null: as <c>tools.leaseTtl</c> says.</summary>
    public TimeSpan? LeaseTtl { get; init; }

    /// <summary>True for a name that models take.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
}
