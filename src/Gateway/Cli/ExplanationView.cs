using System.Globalization;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouterGateway.Gateway.Cli;

/// <summary>Writes an explanation for people.</summary>
internal static class ExplanationView
{
    private const int BarWidth = 30;
    private const int LongestExample = 110;

    public static void Write(Explanation explanation, string model)
    {
        var decision = explanation.Decision;
        Line($"[bold]{decision.Route.Id}[/]  {decision.Outcome.ToHeaderValue()}, confidence {decision.Confidence:F4}, cluster {decision.Route.ClusterId}");
        Line($"{explanation.Reason}");
        if (model is not ("" or "auto" or "router"))
        {
            Line($"[yellow]The body names the model {Printable(model)}: the gateway classifies only auto, router and no name at all. This is what it would have decided.[/]");
        }

        WriteText(explanation);
        WriteSignals(explanation);
        WriteProbabilities(explanation);
        WriteNearest(explanation);
        var timings = decision.Timings;
        Heading("Time");
        Line($"  select {timings.SelectMs:F3} ms, queue {timings.QueueMs:F3} ms, tokenise {timings.TokeniseMs:F3} ms, embed {timings.EmbedMs:F3} ms, head {timings.HeadMs:F3} ms, score {timings.ScoreMs:F3} ms, total {timings.TotalMs:F3} ms");
    }

    private static void WriteText(Explanation explanation)
    {
        var decision = explanation.Decision;
        Heading($"Text ({explanation.Scope.ToName()})");
        if (explanation.Text.Length == 0)
        {
            Line($"  none");
        }
        else
        {
            Terminal.Output.Write(Indented(new Text(Printable(explanation.Inspection?.Text ?? explanation.Text), new Style(Color.Green))));
        }

        foreach (var change in explanation.Changes)
        {
            Line($"  {Describe(change)}");
        }

        if (explanation.Inspection is { } inspection)
        {
            var chars = inspection.Text.Length < explanation.Text.Length ? $", head and tail of {explanation.Text.Length} characters" : "";
            Line($"  {inspection.TokensRead} tokens read{(decision.TextTokens > inspection.TokensRead ? $", head and tail of about {decision.TextTokens}" : "")}{chars}");
        }
    }

    private static void WriteSignals(Explanation explanation)
    {
        Heading("Signals");
        var rule = explanation.Rule switch
        {
            null => "no rule matched",
            { Kind: RuleKind.Keyword } match => $"keyword \"{match.Value}\" of {match.Route.Id}",
            { Kind: RuleKind.Regex } match => $"expression {match.Value} of {match.Route.Id}",
            var match => $"{(match.Kind == RuleKind.HasImages ? "hasImages" : "hasTools")} of {match.Route.Id}",
        };
        Line($"  {Printable(rule)}; tools {(explanation.HasTools ? "yes" : "no")}; images {(explanation.HasImages ? "yes" : "no")}; earlier messages as context {(explanation.HasContext ? "yes" : "no")}");
    }

    private static void WriteProbabilities(Explanation explanation)
    {
        var decision = explanation.Decision;
        if (decision.Scores.IsDefaultOrEmpty)
        {
            return;
        }

        var settings = decision.Table.Settings;
        Heading("Probabilities");
        var table = Plain().AddColumn("").AddColumn(new TableColumn("").RightAligned()).AddColumn("").AddColumn("");
        foreach (var score in decision.Scores)
        {
            var least = decision.Table.RoutesById[score.RouteId].MinConfidence;
            var own = least is null ? "" : string.Create(CultureInfo.InvariantCulture, $"needs {least:0.00##}");
            var bar = new string('█', (int)Math.Round(score.Probability * BarWidth));
            table.AddRow(score.RouteId.EscapeMarkup(), score.Probability.ToString("F4", CultureInfo.InvariantCulture), score.RouteId == decision.Route.Id ? $"[green]{bar}[/]" : bar, own);
        }

        Terminal.Output.Write(Indented(table));
        Line($"  least probability {explanation.MinConfidence:0.00##} (router {settings.MinConfidence:0.00##}), margin {explanation.Margin:F4} of at least {settings.MinMargin:0.00##}");
    }

    private static void WriteNearest(Explanation explanation)
    {
        if (explanation.Inspection is not { Nearest.IsEmpty: false } inspection)
        {
            return;
        }

        Heading("Nearest examples");
        var table = Plain().AddColumn(new TableColumn("").RightAligned()).AddColumn("").AddColumn("");
        foreach (var example in inspection.Nearest)
        {
            table.AddRow(example.Similarity.ToString("F3", CultureInfo.InvariantCulture), example.RouteId.EscapeMarkup(), OneLine(example.Text, LongestExample).EscapeMarkup());
        }

        Terminal.Output.Write(Indented(table));
    }

    /// <summary>Returns a text on one line, cut to so many characters.</summary>
    public static string OneLine(string text, int longest)
    {
        var line = Printable(text.ReplaceLineEndings(" "));
        return line.Length <= longest ? line : line[..(char.IsHighSurrogate(line[longest - 1]) ? longest - 1 : longest)] + "...";
    }

    private static string Describe(TextChange change) => change.Kind switch
    {
        TextChangeKind.Stripped => string.Create(CultureInfo.InvariantCulture, $"stripped {change.What}: {change.Characters:N0} characters"),
        TextChangeKind.Sampled => string.Create(CultureInfo.InvariantCulture, $"of {change.What} the beginning and the end kept: {change.Characters:N0} characters left out"),
        TextChangeKind.Cut => string.Create(CultureInfo.InvariantCulture, $"of {change.What} head and tail kept: {change.Characters:N0} characters left out"),
        _ => string.Create(CultureInfo.InvariantCulture, $"with {change.What} as context: {change.Characters:N0} characters"),
    };

    // What a prompt holds must not steer the terminal.
    private static string Printable(string text) =>
        string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                var isLone = char.IsSurrogate(source[i]) && !(i + 1 < source.Length && char.IsSurrogatePair(source[i], source[i + 1])) && !(i > 0 && char.IsSurrogatePair(source[i - 1], source[i]));
                line[i] = isLone || (char.IsControl(source[i]) && source[i] is not ('\n' or '\t')) ? '\uFFFD' : source[i];
            }
        });

    private static Table Plain() => new Table().Border(TableBorder.None).HideHeaders();

    private static Padder Indented(IRenderable content) => new(content, new Padding(2, 0, 0, 0));

    private static void Heading(string text)
    {
        Terminal.Output.WriteLine();
        Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{text}[/]");
    }

    private static void Line(FormattableString line) => Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, line);
}
