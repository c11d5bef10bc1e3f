using System.CommandLine;

namespace RouterGateway.Gateway.Cli;

/// <summary>Shows how one prompt is decided, and why.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var prompt = new Argument<string?>("prompt") { Description = "What is asked; \"-\" reads it, or a chat body, from standard input.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "A chat completion body or an array of messages, as JSON; \"-\" is standard input." };
        var routes = ServeCommand.RoutesOption();
        var text = ServeCommand.TextOption();
        var json = new Option<bool>("--json") { Description = "Write the explanation as JSON." };
        var command = new Command("explain", "Show how a prompt is decided, and why.") { prompt, file, routes, text, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var input = await ExplainInput.ReadAsync(arguments.GetValue(prompt), arguments.GetValue(file), cancellationToken);
            if (input.Prompt is null)
            {
                await Console.Error.WriteLineAsync(input.Fault);
                return ExitCodes.BadInput;
            }

            await using var router = await StandaloneRouter.LoadAsync(arguments.GetValue(routes)!, arguments.GetValue(text), cancellationToken);
            if (router is null)
            {
                return ExitCodes.BadInput;
            }

            await router.Router.RouteAsync(input.Prompt, cancellationToken); // the first decision of a process is mostly compilation, and its times would mislead
            var explanation = await router.Router.ExplainAsync(input.Prompt, cancellationToken);
            if (arguments.GetValue(json))
            {
                await ExplanationJson.WriteAsync(explanation);
            }
            else
            {
                ExplanationView.Write(explanation, input.Model);
            }

            return ExitCodes.Success;
        });
        return command;
    }
}
