using System.CommandLine;
using RouterGateway.Inference.Hub;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Deletes a model's folder.</summary>
internal static class ModelsRemoveCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the model's folder." };
        var from = ModelsCommand.FromOption();
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("remove", "Delete a model's folder, and what is left of an interrupted pull of it.") { name, from, yes };
        command.SetAction(arguments => ModelsCommand.RunAsync(async () =>
        {
            var folders = new ModelFolders(arguments.GetValue(from)!);
            var (found, sizeBytes) = folders.FindRemovable(arguments.GetValue(name)!);
            var what = $"{string.Join(" and ", found)}, {PullView.Size(sizeBytes)}";
            if (!arguments.GetValue(yes))
            {
                if (!Terminal.Error.Profile.Capabilities.Interactive || Console.IsInputRedirected)
                {
                    await Console.Error.WriteLineAsync($"{what}, would be deleted, and nobody can be asked here: --yes deletes without asking.");
                    return ExitCodes.BadInput;
                }

                if (!Terminal.Error.Confirm($"Delete {what.EscapeMarkup()}?", defaultValue: false))
                {
                    await Console.Error.WriteLineAsync("Nothing was deleted.");
                    return ExitCodes.Failure;
                }
            }

            folders.Remove(arguments.GetValue(name)!);
            await Console.Out.WriteLineAsync($"Deleted: {what}");
            return ExitCodes.Success;
        }));
        return command;
    }
}
