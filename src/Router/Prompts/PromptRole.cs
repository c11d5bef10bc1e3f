namespace RouterGateway.Router.Prompts;

/// <summary>Who wrote a message of a prompt.</summary>
public enum PromptRole
{
    /// <summary>Instructions of the application (system and developer messages).</summary>
    System,

    /// <summary>The person; text that an agent harness sent in their name is recognised and left out.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool call, whatever the wire protocol calls its author.</summary>
    Tool,
}
