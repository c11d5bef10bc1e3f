using System.Globalization;

namespace RouterGateway.Benchmarks.Clients;

/// <summary>What the command <c>clients</c> is told.</summary>
internal sealed record ClientsOptions
{
    public const string Usage = """
        usage: clients --file PROMPTS [--routes FILE] [--scorer FOLDER] [--device auto|cuda|cpu] [--clients 1,8,32,64] [--prompts N] [--decisions N]
          --file       labelled prompts, as for the command eval of the gateway
          --routes     the routes file (default: that of the repository)
          --scorer     also measures this folder as the scorer (default: that of the routes file, if it has one)
          --device     where the models run (default: auto)
          --clients    how many ask at a time (default: 1,8,32,64)
          --prompts    how many prompts of the file, spread over it (default: all)
          --decisions  how many are timed for each number of clients (default: 1000)
        """;

    /// <summary>The labelled prompts.</summary>
    public required string File { get; init; }

    /// <summary>The routes file.</summary>
    public string Routes { get; init; } = Shipped.PathOf("routes.json");

    /// <summary>Folder of a scorer; null = that of the routes file.</summary>
    public string? Scorer { get; init; }

    /// <summary>Where the models run.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>How many ask at a time.</summary>
    public int[] Clients { get; init; } = [1, 8, 32, 64];

    /// <summary>How many prompts of the file are used.</summary>
    public int Prompts { get; init; } = int.MaxValue;

    /// <summary>How many decisions are timed for each number of clients.</summary>
    public int Decisions { get; init; } = 1000;

    /// <summary>Reads the arguments; null when they cannot be read.</summary>
    public static ClientsOptions? Parse(ReadOnlySpan<string> arguments)
    {
        ClientsOptions? options = new() { File = "" };
        for (var i = 0; i < arguments.Length && options is not null; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            options = arguments[i] switch
            {
                "--file" => options with { File = value },
                "--routes" => options with { Routes = value },
                "--scorer" => options with { Scorer = value },
                "--device" => options with { Device = value },
                "--clients" => options with { Clients = [.. value.Split(',').Select(Number)] },
                "--prompts" => options with { Prompts = Number(value) },
                "--decisions" => options with { Decisions = Number(value) },
                _ => null,
            };
        }

        return options is { File.Length: > 0 } && options.Clients.Append(options.Prompts).Append(options.Decisions).All(static number => number > 0) ? options : null;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
