using System.CommandLine;
using System.Globalization;
using RouterGateway.Inference.Hub;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Shows the models that are here, and those that can be pulled by a short name.</summary>
internal static class ModelsListCommand
{
    public static Command Create()
    {
        var from = ModelsCommand.FromOption();
        var json = new Option<bool>("--json") { Description = "Write the list as JSON." };
        var command = new Command("list", "Show the models that are here, and those that can be pulled by a short name.") { from, json };
        command.SetAction(arguments => ModelsCommand.RunAsync(async () =>
        {
            var folders = new ModelFolders(arguments.GetValue(from)!);
            var (models, partial) = (folders.List(), folders.ListPartial());
            if (arguments.GetValue(json))
            {
                await WriteJsonAsync(models, partial);
            }
            else
            {
                Write(arguments.GetValue(from)!, models, partial);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static void Write(string parent, IReadOnlyList<ModelInspection> models, IReadOnlyList<string> partial)
    {
        if (models.Count + partial.Count == 0)
        {
            Terminal.Output.WriteLine($"There is no model in {parent}.");
        }
        else
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("model", "kind", "weights");
            table.AddColumns(new TableColumn("size").RightAligned(), new TableColumn("context").RightAligned(), new TableColumn("KV bytes/token").RightAligned(), new TableColumn("pulled from"));
            foreach (var model in models)
            {
                table.AddRow([.. new[]
                {
                    ModelsInspectCommand.NameOf(model),
                    ModelsInspectCommand.KindOf(model.Kind) + (model.Missing.Count == 0 ? "" : ", incomplete"),
                    model.Dtype ?? "",
                    PullView.Size(model.SizeBytes),
                    Number(model.ContextTokens),
                    Number(model.KvBytesPerToken?.None),
                    model.Pulled is { } pulled ? $"{pulled.Repository}, {pulled.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "",
                }.Select(static cell => new Text(cell))]);
            }

            foreach (var name in partial)
            {
                table.AddRow(new Text(name), new Text("pull not ended"));
            }

            Terminal.Output.Write(table);
        }

        var aliases = new Table().Border(TableBorder.Simple).AddColumns("models pull ...", "repository", "what");
        foreach (var alias in ModelAlias.All)
        {
            aliases.AddRow(alias.Name, alias.Repository, alias.Purpose);
        }

        Terminal.Output.Write(aliases);
    }

    private static string Number(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private static Task WriteJsonAsync(IReadOnlyList<ModelInspection> models, IReadOnlyList<string> partial) => Terminal.WriteJsonAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (var model in models)
        {
            ModelsInspectCommand.WriteJson(json, model, isBrief: true);
        }

        json.WriteEndArray();
        json.WriteStartArray("notEnded"u8);
        foreach (var name in partial)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("aliases"u8);
        foreach (var alias in ModelAlias.All)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, alias.Name);
            json.WriteString("repository"u8, alias.Repository);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
