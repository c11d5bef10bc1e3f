using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Where commands write: with colours and the terminal's width on a terminal, plain and wide into a file or pipe.</summary>
internal static class Terminal
{
    private const int WidthWithoutTerminal = 200;

    /// <summary>Results.</summary>
    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>Progress and what is not a result.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Writes a result as JSON, with a line feed behind it.</summary>
    public static async Task WriteJsonAsync(Action<Utf8JsonWriter> write)
    {
        await using var output = Console.OpenStandardOutput();
        await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(json);
        }

        output.WriteByte((byte)'\n');
    }

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
