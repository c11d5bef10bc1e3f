using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RouterGateway.Inference.Hub;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Shows what a model folder holds.</summary>
internal static class ModelsInspectCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The model's folder." };
        var json = new Option<bool>("--json") { Description = "Write it as JSON." };
        var command = new Command("inspect", "Show what a model folder holds, and what it lacks.") { folder, json };
        command.SetAction(arguments => ModelsCommand.RunAsync(async () =>
        {
            var model = ModelInspection.Read(arguments.GetValue(folder)!);
            if (arguments.GetValue(json))
            {
                await Terminal.WriteJsonAsync(writer => WriteJson(writer, model, isBrief: false));
            }
            else
            {
                Write(model);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    public static string NameOf(ModelInspection model) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Folder)));

    public static string KindOf(ModelKind kind) => kind switch
    {
        ModelKind.Generation => "generation",
        ModelKind.TwoGraphGeneration => "two-graph generation",
        ModelKind.Embedding => "embedding",
        _ => "unknown",
    };

    /// <summary>Writes a model as an object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="model">What.</param>
    /// <param name="isBrief">Without its files and layers.</param>
    public static void WriteJson(Utf8JsonWriter json, ModelInspection model, bool isBrief)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, NameOf(model));
        json.WriteString("kind"u8, KindOf(model.Kind));
        json.WriteString("dtype"u8, model.Dtype);
        json.WriteNumber("sizeBytes"u8, model.SizeBytes);
        WriteNumber(json, "contextTokens", model.ContextTokens);
        WriteKvBytes(json, model);
        if (!isBrief)
        {
            WriteDetails(json, model);
        }

        WriteArray(json, "missing", model.Missing, json.WriteStringValue);
        if (model.Pulled is { } pulled)
        {
            json.WriteStartObject("pulled"u8);
            json.WriteString("repository"u8, pulled.Repository);
            json.WriteString("revision"u8, pulled.Revision);
            json.WriteString("commit"u8, pulled.Commit);
            json.WriteString("date"u8, pulled.Date);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("pulled"u8);
        }

        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, ModelInspection model)
    {
        WriteNumber(json, "vocabularySize", model.VocabularySize);
        WriteArray(json, "endTokens", model.EndTokens, json.WriteNumberValue);
        json.WriteBoolean("chatTemplate"u8, model.HasChatTemplate);
        WriteArray(json, "graphs", model.Graphs, json.WriteStringValue);
        WriteArray(json, "externalData", model.ExternalData, json.WriteStringValue);
        WriteArray(json, "kvLayers", model.KvLayers, layer =>
        {
            json.WriteStartObject();
            json.WriteNumber("layer"u8, layer.Layer);
            json.WriteNumber("heads"u8, layer.Heads);
            json.WriteNumber("width"u8, layer.Width);
            json.WriteString("type"u8, layer.ElementType);
            json.WriteEndObject();
        });
        WriteArray(json, "files", model.Files, file =>
        {
            json.WriteStartObject();
            json.WriteString("path"u8, file.Path);
            json.WriteNumber("sizeBytes"u8, file.SizeBytes);
            json.WriteEndObject();
        });
    }

    private static void WriteKvBytes(Utf8JsonWriter json, ModelInspection model)
    {
        if (model.KvBytesPerToken is not var (none, int8, int4))
        {
            json.WriteNull("kvBytesPerToken"u8);
            return;
        }

        json.WriteStartObject("kvBytesPerToken"u8);
        json.WriteNumber("none"u8, none);
        json.WriteNumber("int8"u8, int8);
        json.WriteNumber("int4"u8, int4);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            write(value);
        }

        json.WriteEndArray();
    }

    private static void Write(ModelInspection model)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        Row("model", NameOf(model));
        Row("kind", KindOf(model.Kind));
        Row("weights", model.Dtype ?? "unknown");
        Row("context", model.ContextTokens is { } context ? $"{Number(context)} tokens" : "unknown");
        Row("vocabulary", model.VocabularySize is { } vocabulary ? $"{Number(vocabulary)} tokens" : "unknown");
        Row("end tokens", model.EndTokens.Count == 0 ? "none" : string.Join(", ", model.EndTokens));
        Row("chat template", model.HasChatTemplate ? "yes" : "no");
        if (model.KvBytesPerToken is var (none, int8, int4))
        {
            Row("KV cache", $"{Number(none)} bytes per token unquantised, {Number(int8)} in int8, {Number(int4)} in int4");
            foreach (var group in model.KvLayers.GroupBy(static layer => (layer.Heads, layer.Width, layer.ElementType)))
            {
                Row("", $"{group.Count()} layers ({string.Join(", ", group.Select(static layer => layer.Layer))}): {group.Key.Heads} x {group.Key.Width} {group.Key.ElementType}");
            }
        }

        if (model.Pulled is { } pulled)
        {
            Row("pulled from", $"{pulled.Repository} {pulled.Commit ?? pulled.Revision}, {pulled.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        }

        Row("files", $"{model.Files.Count}, {PullView.Size(model.SizeBytes)}");
        foreach (var file in model.Files)
        {
            Row("", $"{file.Path}  {PullView.Size(file.SizeBytes)}{(model.Graphs.Contains(file.Path) ? "  graph" : model.ExternalData.Contains(file.Path) ? "  external data" : "")}");
        }

        Row("missing", model.Missing.Count == 0 ? "nothing" : string.Join('\n', model.Missing));
        Terminal.Output.Write(table);

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
