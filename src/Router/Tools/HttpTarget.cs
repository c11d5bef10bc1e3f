using System.Collections.Immutable;

namespace RouterGateway.Router.Tools;

/// <summary>An HTTP endpoint that the gateway calls.</summary>
/// <remarks>
/// Arguments go where the definition says: into <c>{name}</c> of the URL's path, into the query (<see cref="Query"/>), into headers, or as the
/// whole body (<see cref="Body"/>). All others become a JSON object in the body, or the query when the method takes no body.
/// </remarks>
public sealed record HttpTarget : ToolTarget
{
    /// <inheritdoc/>
    public override string Type => "http";

    /// <summary>Absolute, http or https, without user; its path may hold <c>{argument}</c>.</summary>
    public required string Url { get; init; }

    /// <summary>GET, POST, PUT, PATCH or DELETE.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>Headers by name.</summary>
    public ImmutableSortedDictionary<string, ToolHeader> Headers { get; init; } = ImmutableSortedDictionary<string, ToolHeader>.Empty;

    /// <summary>Names of arguments that go into the query.</summary>
    public ImmutableArray<string> Query { get; init; } = [];

    /// <summary>Name of the argument that is the whole body; null: none.</summary>
    public string? Body { get; init; }
}
