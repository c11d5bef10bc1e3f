using System.Text.Json;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>Writes figures for programs.</summary>
internal static class EvaluationJson
{
    public static Task WriteAsync(EvalResult result) => Terminal.WriteJsonAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("text"u8, result.Text.ToName());
        WriteFigures(json, result.Router);
        WriteRoutes(json, result.Router.Report);
        json.WriteStartArray("groups"u8);
        foreach (var (group, prompts, accuracy) in result.Router.Report.Groups)
        {
            json.WriteStartObject();
            json.WriteString("group"u8, group);
            json.WriteNumber("prompts"u8, prompts);
            json.WriteNumber("accuracy"u8, accuracy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("baselines"u8);
        foreach (var baseline in result.Baselines)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, baseline.Name);
            json.WriteString("trainedOn"u8, baseline.Trained);
            WriteFigures(json, baseline);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("similarities"u8);
        foreach (var (similarity, prompts, hits, falseHits) in result.Similarities)
        {
            json.WriteStartObject();
            json.WriteNumber("similarity"u8, similarity);
            json.WriteNumber("prompts"u8, prompts);
            json.WriteNumber("hits"u8, hits);
            json.WriteNumber("falseHits"u8, falseHits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("worst"u8);
        foreach (var (prompt, explanation) in result.Worst)
        {
            WriteWorst(json, prompt, explanation);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteFigures(Utf8JsonWriter json, EvaluatedClassifier classifier)
    {
        var report = classifier.Report;
        json.WriteNumber("prompts"u8, report.Prompts.Count);
        json.WriteNumber("accuracy"u8, report.Accuracy);
        json.WriteNumber("likeliestAccuracy"u8, report.LikeliestAccuracy);
        json.WriteNumber("abstained"u8, report.Abstained);
        if (report.LaterTurns > 0)
        {
            json.WriteNumber("laterTurns"u8, report.LaterTurns);
            json.WriteNumber("secondTurnStability"u8, report.SecondTurnStability);
            json.WriteNumber("switches"u8, report.Switches);
        }

        json.WriteStartObject("outcomes"u8);
        foreach (var (outcome, share) in report.Outcomes)
        {
            json.WriteNumber(outcome.ToHeaderValue(), share);
        }

        json.WriteEndObject();
        json.WriteNumber("outOfScope"u8, report.OutOfScope);
        json.WriteNumber("abstainRecall"u8, report.AbstainRecall);
        json.WriteNumber("falseAbstains"u8, report.FalseAbstains);
        json.WriteNumber("macroF1"u8, report.MacroF1);
        json.WriteNumber("calibrationError"u8, report.CalibrationError);
        json.WriteStartObject("decisionMs"u8);
        json.WriteNumber("p50"u8, report.Percentile(0.5));
        json.WriteNumber("p99"u8, report.Percentile(0.99));
        json.WriteEndObject();
        json.WriteStartObject("perturbed"u8);
        foreach (var perturbed in classifier.Perturbed)
        {
            json.WriteStartObject(perturbed.Perturbation.ToString().ToLowerInvariant());
            json.WriteNumber("changed"u8, perturbed.Changed);
            json.WriteNumber("accuracy"u8, perturbed.Report.Accuracy);
            json.WriteNumber("macroF1"u8, perturbed.Report.MacroF1);
            json.WriteNumber("pointsLost"u8, perturbed.CostPoints(report));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteRoutes(Utf8JsonWriter json, EvaluationReport report)
    {
        json.WriteStartArray("routes"u8);
        foreach (var route in report.Routes)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, route.RouteId);
            json.WriteNumber("prompts"u8, route.Prompts);
            json.WriteNumber("precision"u8, route.Precision);
            json.WriteNumber("recall"u8, route.Recall);
            json.WriteNumber("f1"u8, route.F1);
            json.WriteStartObject("taken"u8);
            foreach (var taken in report.RouteIds)
            {
                json.WriteNumber(taken, report.Count(route.RouteId, taken));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteWorst(Utf8JsonWriter json, EvaluatedPrompt prompt, Explanation explanation)
    {
        json.WriteStartObject();
        json.WriteNumber("line"u8, prompt.Labeled.Line);
        json.WriteString("right"u8, prompt.Labeled.RouteId);
        json.WriteNumber("probabilityOfRight"u8, prompt.ProbabilityOfTheRightOne);
        json.WriteString("taken"u8, prompt.Decision.Route.Id);
        json.WriteNumber("probabilityOfTaken"u8, prompt.ProbabilityOfTheTakenOne);
        json.WriteString("outcome"u8, prompt.Decision.Outcome.ToHeaderValue());
        json.WriteString("reason"u8, explanation.Reason);
        json.WriteString("text"u8, ExplanationJson.WellFormed(explanation.Text));
        json.WriteStartArray("nearest"u8);
        foreach (var example in explanation.Inspection?.Nearest ?? [])
        {
            ExplanationJson.WriteExample(json, example);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
