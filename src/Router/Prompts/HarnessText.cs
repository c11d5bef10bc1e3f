using System.Collections.Frozen;
using System.Text;

namespace RouterGateway.Router.Prompts;

/// <summary>Takes out of a user message what an agent harness wrote into it.</summary>
internal static class HarnessText
{
    // Blocks that coding agents and editors add to messages of the person.
    private static readonly FrozenSet<string> _noise = FrozenSet.Create(
        StringComparer.Ordinal,
        "system-reminder", "system_reminder", "environment_context", "environment_details", "user_instructions", "local-command-stdout",
        "local-command-stderr", "local-command-caveat", "command-name", "command-message", "user-prompt-submit-hook", "task-notification",
        "ide_opened_file", "open_and_recently_viewed_files", "additional_data", "attached_files", "project_layout", "user_info",
        "workspace_info", "environment_info", "editorContext", "reminderInstructions", "repoContext", "tool_result", "tool_results", "tool_response", "tool_output", "tool_use_error",
        "function_result", "function_results",
        "INSTRUCTIONS", "bash-stdout", "bash-stderr");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _noiseByName = _noise.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly int _longestNoise = _noise.Max(static tag => tag.Length);

    // Blocks in which harnesses wrap what the person typed: what is outside of them is theirs.
    private static readonly string[] _asks = ["user_query", "userRequest", "user_message"];

    /// <summary>Returns what the person wrote, trimmed; empty when they wrote nothing. Takes time in proportion to the length.</summary>
    public static string Strip(string text, ref TextNotes notes)
    {
        if (!text.Contains('<', StringComparison.Ordinal))
        {
            return text.Trim();
        }

        foreach (var ask in _asks)
        {
            if (TryFindBlock(text, text.LastIndexOf($"<{ask}>", StringComparison.Ordinal), ask, out var inner, out _))
            {
                var asked = text[inner].Trim();
                notes.Add(TextChangeKind.Stripped, $"all outside <{ask}>", text.Length - asked.Length);
                return asked;
            }
        }

        return WithoutNoise(text, ref notes).Trim();
    }

    private static string WithoutNoise(string text, ref TextNotes notes)
    {
        StringBuilder? kept = null;
        var unclosed = new HashSet<string>(StringComparer.Ordinal); // searched to the end once, not once per opening tag
        var copied = 0;
        for (var at = text.IndexOf('<'); at >= 0; at = Next(text, '<', at + 1))
        {
            if (NoiseTagAt(text, at) is not { } tag || unclosed.Contains(tag))
            {
                continue;
            }

            if (!TryFindBlock(text, at, tag, out _, out var end))
            {
                unclosed.Add(tag);
                continue;
            }

            kept ??= new StringBuilder(text.Length);
            kept.Append(text, copied, at - copied).Append(' ');
            notes.Add(TextChangeKind.Stripped, $"<{tag}>", end - at);
            copied = end;
            at = end - 1;
        }

        return kept is null ? text : kept.Append(text, copied, text.Length - copied).ToString();
    }

    private static int Next(string text, char wanted, int from) => from >= text.Length ? -1 : text.IndexOf(wanted, from);

    private static string? NoiseTagAt(string text, int at)
    {
        var name = text.AsSpan(at + 1, Math.Min(_longestNoise + 1, text.Length - at - 1));
        var end = name.IndexOfAny('>', ' ');
        return end > 0 && _noiseByName.TryGetValue(name[..end], out var tag) ? tag : null;
    }

    private static bool TryFindBlock(string text, int open, string tag, out Range inner, out int end)
    {
        (inner, end) = (default, 0);
        var start = open < 0 ? -1 : Next(text, '>', open);
        var close = start < 0 ? -1 : text.IndexOf($"</{tag}>", start, StringComparison.Ordinal);
        if (close < 0)
        {
            return false;
        }

        inner = (start + 1)..close;
        end = close + tag.Length + 3;
        return true;
    }
}
