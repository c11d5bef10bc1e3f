namespace RouterGateway.Router.Tools;

/// <summary>The value of a header that a tool is sent; exactly one of <see cref="Text"/>, <see cref="Secret"/> and <see cref="Argument"/> is set.</summary>
public sealed record ToolHeader
{
    /// <summary>The value itself.</summary>
    public string? Text { get; init; }

    /// <summary>Name of a secret in <c>tools.secrets</c> of <c>routes.json</c>; sent to the hosts that are named there and to no other.</summary>
    public string? Secret { get; init; }

    /// <summary>Name of the argument that is sent.</summary>
    public string? Argument { get; init; }

    /// <summary>Put before the secret, such as <c>Bearer </c>.</summary>
    public string Prefix { get; init; } = "";
}
