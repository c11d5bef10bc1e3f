namespace RouterGateway.Router.Prompts;

/// <summary>What can be done to a text before it is classified.</summary>
public enum TextChangeKind
{
    /// <summary>A block of an agent harness was taken out.</summary>
    Stripped,

    /// <summary>Of a file or log that was pasted, the beginning and the end were kept.</summary>
    Sampled,

    /// <summary>Of a text longer than what is looked at, head and tail were kept.</summary>
    Cut,

    /// <summary>An earlier message was put before the newest ask.</summary>
    Context,
}
