using System.CommandLine;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>Checks a routes file and says everything that is wrong with it.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var routes = new Argument<string>("file")
        {
            Description = "The routes file.",
            DefaultValueFactory = static _ => new GatewayOptions().RoutesFile,
        };
        var command = new Command("validate", "Check a routes file: every fault, with its line and column.") { routes };
        command.SetAction(async (arguments, _) =>
        {
            var file = arguments.GetValue(routes)!;
            var result = RouteTableLoader.Load(file);
            if (result.IsValid)
            {
                foreach (var warning in result.Table.Warnings)
                {
                    await Console.Error.WriteLineAsync($"{Path.GetFileName(file)}: warning: {warning}");
                }

                await Console.Out.WriteLineAsync($"{file}: {result.Table.Routes.Length} routes, {result.Table.ClustersById.Count} clusters, no faults");
                return ExitCodes.Success;
            }

            await WriteFaultsAsync(result.Faults);
            return ExitCodes.BadInput;
        });
        return command;
    }

    public static async Task WriteFaultsAsync(IReadOnlyCollection<RouteTableFault> faults)
    {
        foreach (var fault in faults)
        {
            await Console.Error.WriteLineAsync(fault.ToString());
        }

        await Console.Error.WriteLineAsync(faults.Count == 1 ? "1 fault" : $"{faults.Count} faults");
    }
}
