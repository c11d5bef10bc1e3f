using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>What a prompt asks for.</summary>
public static class PromptAsk
{
    /// <summary>The text that is classified: the newest ask of a person, cleaned; a short follow-up with the asks before it. Empty when there is none.</summary>
    public static string Of(Prompt prompt, RouteTable table)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(table);
        return PromptTextSelector.Select(prompt, table.Settings.Text).Text;
    }
}
