using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using RouterGateway.Inference.Hub;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Gateway.Cli;

/// <summary>Fetches a model from a Hugging Face-compatible hub.</summary>
internal static class ModelsPullCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = $"A repository as owner/name, or one of {string.Join(", ", ModelAlias.All.Select(static alias => alias.Name))}." };
        var revision = new Option<string>("--revision") { Description = "Branch, tag or commit.", DefaultValueFactory = static _ => "main" };
        var dtype = new Option<string?>("--dtype") { Description = "Kind of weights: fp32, fp16, q4, q4f16, int8, ...; by default the best that there is for the device." };
        var subfolder = new Option<string?>("--subfolder") { Description = "The repository's folder to take, where it has several with a genai_config.json." };
        var device = new Option<DevicePreference>("--device") { Description = "Where the model is to run.", DefaultValueFactory = static _ => DevicePreference.Auto };
        var to = new Option<string>("--to") { Description = "The folder that the model's folder is put in.", DefaultValueFactory = static _ => ModelsCommand.DefaultParent };
        var name = new Option<string?>("--name") { Description = "Name of the model's folder; by default the alias or the repository's name." };
        var parallel = new Option<int>("--parallel") { Description = "Files that are fetched at a time.", DefaultValueFactory = static _ => 4 };
        var force = new Option<bool>("--force") { Description = "Replace a model's folder that is there already." };
        var command = new Command("pull", "Fetch a model from the hub (HF_ENDPOINT, https://huggingface.co; HF_TOKEN). An interrupted one is gone on with.")
        {
            model, revision, dtype, subfolder, device, to, name, parallel, force,
        };
        command.SetAction(arguments => RunAsync(new ModelPullOptions
        {
            Model = arguments.GetValue(model)!,
            Revision = arguments.GetValue(revision)!,
            Dtype = arguments.GetValue(dtype),
            Subfolder = arguments.GetValue(subfolder),
            Device = arguments.GetValue(device),
            ParentFolder = arguments.GetValue(to)!,
            Name = arguments.GetValue(name),
            Parallel = arguments.GetValue(parallel),
            IsForced = arguments.GetValue(force),
            Endpoint = Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } endpoint ? endpoint : ModelPullOptions.DefaultEndpoint,
            Token = Environment.GetEnvironmentVariable("HF_TOKEN"),
        }));
        return command;
    }

    private static Task<int> RunAsync(ModelPullOptions options) => ModelsCommand.RunAsync(async () =>
    {
        var pull = new ModelPull(options);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            var (manifest, isNew) = await PullView.RunAsync(progress => pull.RunAsync(progress, stop.Token));
            await ShowAsync(pull.Folder, manifest, isNew);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Interrupted. What has come is kept in {pull.PartialFolder}: run the same command again to go on.");
            return ExitCodes.Failure;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true; // the process ends by itself, once the parts are closed
            stop.Cancel();
        }
    });

    private static async Task ShowAsync(string folder, PulledManifest manifest, bool isNew)
    {
        var size = PullView.Size(manifest.Files.Sum(static file => file.SizeBytes));
        var what = string.Create(CultureInfo.InvariantCulture, $"{manifest.Repository} {manifest.Commit ?? manifest.Revision}{(manifest.Dtype is null ? "" : $", {manifest.Dtype}")}, {manifest.Files.Count} files, {size}");
        await Console.Out.WriteLineAsync(isNew ? $"{folder}: {what}" : $"{folder} is there already: {what}");
        var model = ModelInspection.Read(folder);
        foreach (var missing in model.Missing)
        {
            await Console.Error.WriteLineAsync($"warning: {missing}");
        }

        await Console.Out.WriteLineAsync(model.Kind == ModelKind.Embedding
            ? $"In routes.json: \"router\": {{ \"classifier\": \"{folder}\" }}"
            : $"In routes.json: \"clusters\": {{ \"...\": {{ \"embedded\": {{ \"model\": \"{folder}\" }} }} }}, or \"router\": {{ \"scorer\": \"{folder}\" }}");
    }
}
