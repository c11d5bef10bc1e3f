namespace RouterGateway.Router.Routes;

/// <summary>The names of <see cref="TextScope"/> in <c>router.text</c>.</summary>
public static class TextScopeNames
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<TextScope>().Select(ToName)];

    /// <summary>Returns the name, as in <c>last-user</c>.</summary>
    public static string ToName(this TextScope scope) => scope switch
    {
        TextScope.LastTwo => "last-two",
        TextScope.Window => "window",
        _ => "last-user",
    };

    /// <summary>Finds the scope of a name; null for any other text, and for null.</summary>
    public static TextScope? Find(string? name) =>
        Enum.GetValues<TextScope>().Where(scope => scope.ToName() == name).Cast<TextScope?>().FirstOrDefault();
}
