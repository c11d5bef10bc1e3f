namespace RouterGateway.Router.Tools;

/// <summary>Who may see and use a tool.</summary>
public enum ToolVisibility
{
    /// <summary>Only callers with the key that registered it.</summary>
    Private,

    /// <summary>All callers of the gateway.</summary>
    Shared,
}
