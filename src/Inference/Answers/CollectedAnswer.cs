using System.Text;
using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Answers;

/// <summary>An answer put together from its parts.</summary>
internal sealed class CollectedAnswer
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<CollectedCall> _calls = [];
    private readonly List<GeneratedToken> _tokens = [];
    private readonly StringBuilder _arguments = new();
    private (string Id, string Name) _open;

    /// <summary>What the model says.</summary>
    public string Content => _content.ToString();

    /// <summary>What it thought.</summary>
    public string Reasoning => _reasoning.ToString();

    /// <summary>The calls that are complete.</summary>
    public IReadOnlyList<CollectedCall> Calls => _calls;

    /// <summary>The tokens of the content; empty unless they were asked for.</summary>
    public IReadOnlyList<GeneratedToken> Tokens => _tokens;

    /// <summary>Adds a part.</summary>
    public void Add(AnswerPart part)
    {
        switch (part.Kind)
        {
            case AnswerPartKind.Reasoning:
                _reasoning.Append(part.Text);
                break;
            case AnswerPartKind.Content:
                _content.Append(part.Text);
                _tokens.AddRange(part.Tokens ?? []);
                break;
            case AnswerPartKind.CallStart:
                _arguments.Clear();
                _open = (part.CallId!, part.Text);
                break;
            case AnswerPartKind.CallArguments:
                _arguments.Append(part.Text);
                break;
            case AnswerPartKind.CallEnd:
                _calls.Add(new CollectedCall(_open.Id, _open.Name, _arguments.ToString()));
                break;
        }
    }
}
