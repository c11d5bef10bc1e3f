using System.Globalization;
using RouterGateway.Inference.Scoring;

namespace RouterGateway.Router.Scoring;

/// <summary>Labels of routes, each of which a model can answer with one token, all different.</summary>
/// <param name="Labels">As they are listed in the prompt.</param>
/// <param name="Tokens">The token of each as an answer.</param>
internal sealed record LabelSet(string[] Labels, int[] Tokens)
{
    private static readonly string[] _candidates = [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".Select(static c => c.ToString(CultureInfo.InvariantCulture))];

    // Where a model writes a space before its answer, the token of "A" at the beginning of a turn is " A".
    private static readonly string[] _forms = ["", " "];

    /// <summary>Chooses labels that the folder's tokenizer is seen to give tokens of their own.</summary>
    /// <param name="frame">The model's prompt format.</param>
    /// <param name="count">How many are wanted.</param>
    /// <returns>Fewer when the tokenizer has no more.</returns>
    public static LabelSet Choose(ScorerFrame frame, int count)
    {
        var best = new LabelSet([], []);
        foreach (var form in frame.HasTemplate ? _forms : _forms.Reverse())
        {
            var (labels, tokens) = (new List<string>(), new List<int>());
            foreach (var label in _candidates)
            {
                if (labels.Count < count && frame.TryGetAnswerToken(RoutePrompt.Question, form + label, out var token) && !tokens.Contains(token))
                {
                    labels.Add(label);
                    tokens.Add(token);
                }
            }

            if (labels.Count > best.Labels.Length)
            {
                best = new LabelSet([.. labels], [.. tokens]);
            }
        }

        return best;
    }
}
