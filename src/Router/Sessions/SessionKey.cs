using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Sessions;

/// <summary>Names a conversation.</summary>
/// <param name="Digest">Of the tenant and of what tells the conversation.</param>
/// <param name="IsNamed">True when the caller named it; false when it is told by how it began, so that others may begin alike.</param>
public readonly record struct SessionKey(Digest Digest, bool IsNamed)
{
    private const int MostCharacters = 16_384;

    /// <summary>Tells the conversation of a prompt: by the caller's name of it, by the person and the first message, or by how it began
    /// (instructions, tools, first message).</summary>
    /// <returns>Null when the prompt holds nothing to tell it by.</returns>
    public static SessionKey? Of(Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var tenant = Digest.Of(prompt.Tenant);
        if (!string.IsNullOrEmpty(prompt.SessionId))
        {
            return new SessionKey(Digest.Of(tenant, Digest.Of("id"), Digest.Of(prompt.SessionId)), IsNamed: true);
        }

        var first = -1;
        var instructions = default(Digest);
        for (var i = 0; i < prompt.Messages.Length && first < 0; i++)
        {
            if (prompt.Messages[i].Role == PromptRole.User)
            {
                first = i;
            }
            else if (prompt.Messages[i].Role == PromptRole.System && string.IsNullOrEmpty(prompt.User))
            {
                instructions = Digest.Of(instructions, OfMessage(prompt.Messages[i]));
            }
        }

        if (first < 0)
        {
            return null;
        }

        var message = OfMessage(prompt.Messages[first]);
        return string.IsNullOrEmpty(prompt.User)
            ? new SessionKey(Digest.Of(tenant, Digest.Of("beginning"), instructions, new Digest(0, prompt.ToolsHash), message), IsNamed: false)
            : new SessionKey(Digest.Of(tenant, Digest.Of("user"), Digest.Of(prompt.User), message), IsNamed: false);
    }

    // Instructions may be megabytes, and every turn sends them again: their beginning and their length tell them apart.
    private static Digest OfMessage(in PromptMessage message) =>
        Digest.Of(Digest.Of(message.Text.AsSpan(0, Math.Min(message.Text.Length, MostCharacters))), new Digest(0, (ulong)message.Text.Length));
}
