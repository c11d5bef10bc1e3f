namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>What ends a message in a stream.</summary>
internal enum MessageEnd
{
    /// <summary>The end of the stream: a JSON body.</summary>
    Stream,

    /// <summary>The end of a line: standard output.</summary>
    Line,

    /// <summary>An empty line: server-sent events.</summary>
    EmptyLine,
}
