namespace RouterGateway.Router.Routes.Source;

/// <summary>What routes and clusters may be called.</summary>
internal static class Names
{
    /// <summary>Pattern of an id.</summary>
    public const string Pattern = "^[a-z0-9][a-z0-9._-]*$";

    /// <summary>What callers write as <c>model</c> to be classified.</summary>
    public static readonly string[] Reserved = ["auto", "router"];

    /// <summary>True for an id that <see cref="Pattern"/> allows.</summary>
    public static bool IsValid(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && !name.Any(static c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-'));
}
