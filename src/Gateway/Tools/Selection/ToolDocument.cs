using System.Text;
using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>What a tool is found by. Immutable; tools of equal content share one.</summary>
internal sealed class ToolDocument
{
    private const int MostCharacters = 8192; // of the parameters: what a schema says of them has no bound
    private const int DeepestSchema = 4;

    private ToolDocument(string hash, string text, ulong[] grams, ulong[] nameStems) => (Hash, Text, Grams, NameStems) = (hash, text, grams, nameStems);

    /// <summary><see cref="RegisteredTool.Hash"/>.</summary>
    public string Hash { get; }

    /// <summary>Name in words, description, and names and descriptions of the parameters: what is embedded.</summary>
    public string Text { get; }

    /// <summary>The terms of <see cref="Text"/>, sorted, repeated ones repeatedly. Name and parameters weigh as much as the description: other weights found no more.</summary>
    public ulong[] Grams { get; }

    /// <summary>The stems of the words of the name, sorted, each once.</summary>
    public ulong[] NameStems { get; }

    public static ToolDocument Create(RegisteredTool tool)
    {
        var definition = tool.Definition;
        var text = TextOf(definition);
        var grams = new List<ulong>(text.Length);
        ToolTerms.AddGrams(text, grams);
        grams.Sort();
        var name = new List<ulong>();
        ToolTerms.AddStems(definition.Name, name);
        ToolTerms.Distinct(name);
        return new ToolDocument(tool.Hash, text, [.. grams], [.. name]);
    }

    private static string TextOf(ToolDefinition definition)
    {
        var text = new StringBuilder();
        AddName(text, definition.Name);
        text.Append(". ").Append(definition.Description).Append(' ');
        AddParameters(text, definition.Parameters, text.Length + MostCharacters, DeepestSchema);
        return text.ToString().TrimEnd(' ', ',');
    }

    private static void AddName(StringBuilder text, string name)
    {
        var start = text.Length;
        for (var i = 0; i < name.Length; i++)
        {
            var isInside = i > 0 && char.IsAsciiLetterUpper(name[i]) && (char.IsAsciiLetterLower(name[i - 1]) || char.IsAsciiDigit(name[i - 1]));
            var isAfterAcronym = i > 0 && i + 1 < name.Length && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterUpper(name[i - 1]) && char.IsAsciiLetterLower(name[i + 1]);
            if ((isInside || isAfterAcronym || name[i] is '_' or '-') && text.Length > start && text[^1] != ' ')
            {
                text.Append(' ');
            }

            if (name[i] is not ('_' or '-'))
            {
                text.Append(name[i]);
            }
        }
    }

    private static void AddParameters(StringBuilder text, JsonElement schema, int longest, int depth)
    {
        if (depth == 0 || schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (schema.TryGetProperty("items"u8, out var items))
        {
            AddParameters(text, items, longest, depth - 1);
        }

        if (!schema.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in properties.EnumerateObject())
        {
            if (text.Length >= longest)
            {
                return;
            }

            AddParameter(text, property, longest);
            AddParameters(text, property.Value, longest, depth - 1);
        }
    }

    private static void AddParameter(StringBuilder text, JsonProperty property, int longest)
    {
        try
        {
            AddName(text, property.Name);
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("description"u8, out var description) && description.ValueKind == JsonValueKind.String)
            {
                var said = description.GetString()!; // it is a string
                text.Append(' ').Append(said.AsSpan(0, Math.Clamp(longest - text.Length, 0, said.Length)));
            }
        }
        catch (InvalidOperationException)
        {
            // half a surrogate pair, which is no text
        }

        text.Append(", ");
    }
}
