using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("An MCP server: its address (url) or the program that it is (command).")]
internal sealed record McpServerSection
{
    [MinLength(1)]
    [Description("Address of a server that speaks streamable HTTP.")]
    public string? Url { get; init; }

    [Description("Headers sent to url, by name.")]
    public IReadOnlyDictionary<string, McpHeaderSection?>? Headers { get; init; }

    [MinLength(1)]
    [Description("Program that speaks MCP over its standard input and output.")]
    public string? Command { get; init; }

    [Description("Arguments of command.")]
    public IReadOnlyList<string?>? Args { get; init; }

    [Description("Environment variables of command besides PATH and its like: name, and where the value is found.")]
    public IReadOnlyDictionary<string, CredentialsSection?>? Env { get; init; }

    [MinLength(1)]
    [Description("Working folder of command, relative to this file.")]
    public string? Folder { get; init; }

    [DefaultValue("30s")]
    [Description("How long connecting, listing and calling may each take; by default tools.timeout.")]
    public TimeSpan? Timeout { get; init; }

    [Description("Names of its tools that may be offered; a * at the end stands for any ending. Default: all.")]
    public IReadOnlyList<string?>? Allow { get; init; }

    [Description("Names of its tools that are never offered; a * at the end stands for any ending.")]
    public IReadOnlyList<string?>? Deny { get; init; }
}
