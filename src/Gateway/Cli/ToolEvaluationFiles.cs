using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Cli;

/// <summary>Tools, and prompts whose right tools are known.</summary>
/// <param name="Tools">All tools of the registry.</param>
/// <param name="Queries">The prompts.</param>
internal sealed record ToolEvaluationFiles(IReadOnlyList<ToolDefinition> Tools, IReadOnlyList<ToolEvaluationQuery> Queries)
{
    /// <summary>Reads <c>tools.jsonl</c> and <c>queries.jsonl</c> of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Only the queries with this <c>split</c>; <c>null</c>: all.</param>
    /// <exception cref="FormatException">A line is not what it should be; the message has its place.</exception>
    public static ToolEvaluationFiles Read(string folder, string? split)
    {
        var tools = ReadLines(Path.Combine(folder, "tools.jsonl"), ReadTool);
        var names = tools.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        var queries = ReadLines(Path.Combine(folder, "queries.jsonl"), json => ReadQuery(json, split, names)).OfType<ToolEvaluationQuery>().ToArray();
        return names.Count < tools.Count ? throw new FormatException("tools.jsonl has two tools of one name")
            : queries.Length == 0 ? throw new FormatException(split is null ? "queries.jsonl is empty" : $"queries.jsonl has no line with \"split\": \"{split}\"")
            : new ToolEvaluationFiles(tools, queries);
    }

    /// <summary>The same with copies of the tools under other names, until there are so many.</summary>
    public ToolEvaluationFiles WithAtLeast(int count)
    {
        var tools = Tools.ToList();
        for (var i = 0; tools.Count > 0 && tools.Count < count; i++)
        {
            var original = Tools[i % Tools.Count];
            var suffix = $"_copy{i / Tools.Count}";
            tools.Add(original with { Name = original.Name[..Math.Min(original.Name.Length, ToolDefinition.LongestName - suffix.Length)] + suffix });
        }

        return this with { Tools = tools };
    }

    private static List<T> ReadLines<T>(string file, Func<JsonElement, T> read)
    {
        var (rows, line) = (new List<T>(), 0);
        foreach (var text in File.ReadLines(file))
        {
            line++;
            try
            {
                if (!string.IsNullOrWhiteSpace(text))
                {
                    rows.Add(read(JsonElement.Parse(text)));
                }
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
            {
                throw new FormatException($"{file}:{line}: {e.Message}", e);
            }
        }

        return rows;
    }

    private static ToolDefinition ReadTool(JsonElement json)
    {
        var (definition, faults) = ToolDefinitionReader.Read(json);
        return definition ?? throw new FormatException(string.Join("; ", faults.Select(static fault => $"{fault.Path} {fault.Message}")));
    }

    private static ToolEvaluationQuery? ReadQuery(JsonElement json, string? split, HashSet<string> names)
    {
        var tools = json.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetString() ?? "").ToArray();
        var unknown = tools.Length == 0 ? "none" : Array.Find(tools, tool => !names.Contains(tool));
        if (unknown is not null)
        {
            throw new FormatException($"the right tool \"{unknown}\" is not in tools.jsonl");
        }

        var query = new ToolEvaluationQuery(Text(json, "set") ?? "", json.GetProperty("text").GetString() ?? "", tools);
        return split is null || Text(json, "split") == split ? query : null;
    }

    private static string? Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetString() : null;
}
