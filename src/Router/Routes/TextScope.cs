namespace RouterGateway.Router.Routes;

/// <summary>Which part of a conversation is classified.</summary>
public enum TextScope
{
    /// <summary>The newest ask of the person; a follow-up that is short, or unclear by itself, takes the asks before it as context.</summary>
    LastUser,

    /// <summary>The two newest asks of the person.</summary>
    LastTwo,

    /// <summary>The newest messages of person and model.</summary>
    Window,
}
