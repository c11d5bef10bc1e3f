using System.CommandLine;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>The default verb: run the gateway.</summary>
internal static class ServeCommand
{
    public const string AdminKeyVariable = "ROUTERGATEWAY_ADMIN_KEY";

    public static RootCommand Create()
    {
        var defaults = new GatewayOptions();
        var routes = RoutesOption();
        var urls = new Option<string>("--urls")
        {
            Description = "Addresses to listen on, separated by ';'.",
            DefaultValueFactory = _ => defaults.Urls,
        };
        var maxRequestBytes = new Option<int>("--max-request-bytes")
        {
            Description = "Largest request body accepted, in bytes.",
            DefaultValueFactory = _ => defaults.MaxRequestBytes,
        };
        var root = new RootCommand("One URL for many models: classifies each request and sends it to the backend that is good at it.") { routes, urls, maxRequestBytes };
        var serve = new Command("serve", "Run the gateway (the default).") { routes, urls, maxRequestBytes };
        root.Add(serve);
        root.SetAction(RunAsync);
        serve.SetAction(RunAsync);
        return root;

        Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken) => ServeAsync(
            new GatewayOptions
            {
                RoutesFile = arguments.GetValue(routes)!,
                Urls = arguments.GetValue(urls)!,
                MaxRequestBytes = arguments.GetValue(maxRequestBytes),
                AdminKey = AdminKey(),
            },
            cancellationToken);
    }

    /// <summary>The key of <c>/admin</c>, which stands in the environment and nowhere else; <c>null</c>: there is none.</summary>
    public static string? AdminKey() => Environment.GetEnvironmentVariable(AdminKeyVariable)?.Trim() is { Length: > 0 } key ? key : null;

    public static Option<string> RoutesOption() => new("--routes")
    {
        Description = "The routes file.",
        DefaultValueFactory = static _ => new GatewayOptions().RoutesFile,
    };

    public static Option<string?> TextOption()
    {
        var text = new Option<string?>("--text") { Description = "What of a conversation is classified, in place of router.text." };
        text.AcceptOnlyFromAmong([.. TextScopeNames.All]);
        return text;
    }

    private static async Task<int> ServeAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = await GatewayApplication.BuildAsync(options);
            await app.RunAsync(cancellationToken);
            return ExitCodes.Success;
        }
        catch (RouteTableException e)
        {
            await ValidateCommand.WriteFaultsAsync(e.Faults);
            return ExitCodes.BadInput;
        }
        catch (IOException e) // Kestrel: the address is in use or not ours
        {
            await Console.Error.WriteLineAsync($"The gateway cannot listen on {options.Urls}: {e.Message} Choose another address with --urls.");
            return ExitCodes.Failure;
        }
    }
}
