using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using RouterGateway.Router;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Lists the tools of a server, page by page.</summary>
/// <remarks>Not with the library's own methods: they fail for a whole page when one tool in it is malformed, and read lists without end.</remarks>
internal sealed class McpToolLister(McpClient client, ToolFilter filter)
{
    /// <summary>Most tools that are taken from a server.</summary>
    public const int MostTools = 1000;

    private const int MostPages = 1000;
    private const int LongestName = 256;

    private readonly Dictionary<string, JsonElement> _tools = new(StringComparer.Ordinal);
    private readonly List<(string, string)> _skipped = [];
    private readonly List<Digest> _digests = [];
    private readonly List<(string, Tool)> _known = [];

    /// <summary>Lists all that may be offered.</summary>
    /// <exception cref="McpException">The server answers what is no list.</exception>
    public async Task<McpListing> ListAsync(CancellationToken cancellationToken)
    {
        string? cursor = null;
        for (var page = 0; page < MostPages && client.ServerCapabilities.Tools is not null; page++)
        {
            var parameters = cursor is null ? new JsonObject() : new JsonObject { ["cursor"] = cursor };
            var answer = await client.SendRequestAsync(new JsonRpcRequest { Method = RequestMethods.ToolsList, Params = parameters }, cancellationToken);
            if (answer.Result is not JsonObject result || result["tools"] is not JsonArray tools)
            {
                throw new McpException("The server's answer to tools/list is no list of tools.");
            }

            foreach (var tool in tools)
            {
                if (!Take(tool))
                {
                    return End();
                }
            }

            cursor = (result["nextCursor"] as JsonValue)?.TryGetValue<string>(out var next) == true ? next : null;
            if (cursor is null)
            {
                break;
            }
        }

        return End();
    }

    private McpListing End()
    {
        client.ClearKnownTools();
        foreach (var (name, tool) in _known)
        {
            Know(name, tool);
        }

        return new McpListing(_tools, Digest.Of([.. _digests]), _skipped);
    }

    /// <returns>False when there are enough.</returns>
    private bool Take(JsonNode? tool)
    {
        if (!TryRead(tool, out var name, out var json))
        {
            Skip("?", $"is no tool with a name of 1 to {LongestName} characters");
            return true;
        }

        var text = json.GetRawText();
        if (!filter.Allows(name))
        {
            return true;
        }

        if (_tools.Count >= MostTools)
        {
            Skip(name, $"is one of more than {MostTools}; it and all after it are left out");
            return false;
        }

        if (!_tools.TryAdd(name, json))
        {
            Skip(name, "stands there twice");
            return true;
        }

        _digests.Add(Digest.Of(text));
        if (Parse(text) is { } known)
        {
            _known.Add((name, known));
        }

        return true;
    }

    /// <summary>Tells the client of the tool: arguments that servers want in headers, too, are put there.</summary>
    private void Know(string name, Tool tool)
    {
        try
        {
            client.AddKnownTools([tool]);
        }
        catch (ArgumentException e)
        {
            _tools.Remove(name); // the specification has clients refuse tools whose x-mcp-header is malformed
            Skip(name, e.Message);
        }
    }

    private static Tool? Parse(string text)
    {
        try
        {
            return (Tool?)JsonSerializer.Deserialize(text, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(Tool)));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null; // what the library does not understand of a tool may still be called
        }
    }

    private void Skip(string name, string reason) => _skipped.Add((name, reason));

    private static bool TryRead(JsonNode? tool, out string name, out JsonElement json)
    {
        (name, json) = ("", default);
        try
        {
            if (tool is not JsonObject)
            {
                return false;
            }

            json = JsonElement.Parse(tool.ToJsonString());
            name = json.TryGetProperty("name"u8, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : ""; // never null: it is a string
            return name.Length is > 0 and <= LongestName;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or JsonException)
        {
            return false; // half a surrogate pair, a member that stands there twice
        }
    }
}
