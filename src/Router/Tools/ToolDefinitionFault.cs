namespace RouterGateway.Router.Tools;

/// <summary>What is wrong with a definition.</summary>
/// <param name="Path">Where, such as <c>http.url</c>; empty: the whole of it.</param>
/// <param name="Message">What, to be read behind the path: <c>must be a string</c>.</param>
public sealed record ToolDefinitionFault(string Path, string Message);
