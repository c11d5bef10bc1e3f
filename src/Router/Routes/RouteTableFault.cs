namespace RouterGateway.Router.Routes;

/// <summary>One thing that is wrong with a routes file, and where.</summary>
/// <param name="File">The file as it was named, without its folder.</param>
/// <param name="Line">From 1; 0 when the fault has no place inside the file.</param>
/// <param name="Column">From 1, in characters; 0 when the fault has no place inside the file.</param>
/// <param name="Path">As in <c>routes[3].cluster</c>; empty for the whole file.</param>
/// <param name="Message">What is wrong, and if possible what was meant.</param>
public sealed record RouteTableFault(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>Returns one line, as in <c>routes.json:12:5: routes[3].cluster: "fast" is not defined; did you mean "coding"?</c></summary>
    public override string ToString() =>
        $"{File}{(Line > 0 ? $":{Line}:{Column}" : "")}: {(Path.Length > 0 ? Path + ": " : "")}{Message}";
}
