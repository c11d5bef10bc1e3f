using System.Security.Cryptography;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Answers;

/// <summary>Divides the tokens of an answer into thoughts, content and calls of tools, by the control tokens of Gemma 4.</summary>
/// <remarks>Text is given out in whole characters, and as soon as no stop text can begin in it. Nothing that a model writes is lost, and nothing throws.</remarks>
internal sealed class AnswerReader
{
    private const string ThoughtHead = "thought\n";
    private const int CallIdLength = 24;
    private const string CallIdCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly BpeTokenizer _tokenizer;
    private readonly AnswerMarks _marks;
    private readonly AnswerOptions _options;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly ContentReader _content;
    private readonly List<GeneratedToken> _callTokens = [];
    private StreamingDetokenizer? _spelling; // of a broken call, control tokens included
    private ToolCallReader? _call;
    private string _head = "";
    private Mode _mode;
    private int _calls; // that were begun
    private bool _isCallGiven; // that of the call something was given out
    private bool _isEnded;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">How to read.</param>
    /// <param name="prompt">What is answered: it may end inside of a thought.</param>
    public AnswerReader(BpeTokenizer tokenizer, AnswerOptions options, ReadOnlySpan<int> prompt)
    {
        _tokenizer = tokenizer;
        _options = options;
        _marks = AnswerMarks.Find(tokenizer);
        _detokenizer = new StreamingDetokenizer(tokenizer);
        _content = new ContentReader(options);
        var (isInside, isAtStart) = _marks.FindThought(prompt);
        _mode = isAtStart ? Mode.Head : isInside ? Mode.Thought : Mode.Content;
    }

    private enum Mode
    {
        Content,
        Head,
        Thought,
        Call,
        BrokenCall,
    }

    /// <summary>Whether no more tokens are wanted: a stop text came, or all calls that may come, or the model waits for a result.</summary>
    public bool IsStopped => _isEnded || _content.IsStopped;

    /// <summary>Calls that are complete.</summary>
    public int CompletedCalls { get; private set; }

    /// <summary>Tokens that were added.</summary>
    public int TokensRead { get; private set; }

    /// <summary>Those of them that made up thoughts, marks included.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Adds a token, unless <see cref="IsStopped"/>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="parts">Receives what is known with it.</param>
    public void Append(GeneratedToken token, List<AnswerPart> parts)
    {
        TokensRead++;
        ReasoningTokens += token.Id == _marks.ChannelStart || _mode is Mode.Head or Mode.Thought ? 1 : 0;
        if (_mode == Mode.Call && (token.Id == _marks.CallEnd || (token.Id != _marks.CallStart && (_call!.IsInText || !IsMark(token.Id)))))
        {
            _callTokens.Add(token);
            AppendToCall(token.Id, parts);
        }
        else if (IsMark(token.Id))
        {
            Divide(token, parts);
        }
        else
        {
            AppendText((_mode == Mode.BrokenCall ? _spelling! : _detokenizer).Append(token.Id), token, parts);
        }
    }

    /// <summary>Ends the answer.</summary>
    public void Complete(List<AnswerPart> parts)
    {
        EndMode(parts);
        _content.Complete(parts);
    }

    private static string CreateCallId() => "call_" + RandomNumberGenerator.GetString(CallIdCharacters, CallIdLength);

    private bool IsMark(int id) => id >= 0
        && (id == _marks.CallStart || id == _marks.ChannelStart || id == _marks.ChannelEnd || id == _marks.ResponseStart || (id == _marks.CallEnd && _mode == Mode.BrokenCall));

    private void Divide(GeneratedToken token, List<AnswerPart> parts)
    {
        if (token.Id == _marks.CallEnd) // of a call that is broken
        {
            AppendText(_spelling!.Append(token.Id), token, parts);
            EndMode(parts);
            _mode = Mode.Content;
            return;
        }

        if (token.Id == _marks.ChannelEnd && _mode is Mode.Content or Mode.BrokenCall)
        {
            return; // of a channel that the prompt has closed
        }

        EndMode(parts);
        if (token.Id == _marks.CallStart)
        {
            _mode = Mode.Call;
            _call = new ToolCallReader();
            _callTokens.Add(token);
        }
        else
        {
            _mode = token.Id == _marks.ChannelStart ? Mode.Head : Mode.Content;
            _isEnded |= token.Id == _marks.ResponseStart;
        }
    }

    // What is pending when another part begins, or none any more.
    private void EndMode(List<AnswerPart> parts)
    {
        if (_mode == Mode.Call)
        {
            BreakCall(parts);
        }

        AppendText((_mode == Mode.BrokenCall ? _spelling! : _detokenizer).Flush(), null, parts);
        if (_mode == Mode.Head && _head.Length > 0 && _head + "\n" != ThoughtHead)
        {
            parts.Add(new AnswerPart(AnswerPartKind.Reasoning, _head));
        }

        _head = "";
    }

    private void AppendText(string text, GeneratedToken? token, List<AnswerPart> parts)
    {
        switch (_mode)
        {
            case Mode.Content:
                _content.Append(text, token is { } own && !_tokenizer.IsSpecial(own.Id) ? own : null, parts);
                break;
            case Mode.BrokenCall:
                _content.Append(text, token, parts);
                break;
            case Mode.Head:
                _head += text;
                if (_head.StartsWith(ThoughtHead, StringComparison.Ordinal) || !ThoughtHead.StartsWith(_head, StringComparison.Ordinal))
                {
                    text = _head.StartsWith(ThoughtHead, StringComparison.Ordinal) ? _head[ThoughtHead.Length..] : _head;
                    (_mode, _head) = (Mode.Thought, "");
                    AppendText(text, null, parts);
                }

                break;
            case Mode.Thought when text.Length > 0:
                parts.Add(new AnswerPart(AnswerPartKind.Reasoning, text));
                break;
        }
    }

    private void AppendToCall(int id, List<AnswerPart> parts)
    {
        var call = _call!;
        if (!TryAppendToCall(call, id))
        {
            BreakCall(parts);
            if (id == _marks.CallEnd)
            {
                EndMode(parts);
                _mode = Mode.Content;
            }

            return;
        }

        if (!_isCallGiven && call.Name is { } name)
        {
            _isCallGiven = true;
            parts.Add(new AnswerPart(AnswerPartKind.CallStart, name) { Call = _calls++, CallId = CreateCallId() });
        }

        if (_isCallGiven && call.Take() is { Length: > 0 } json)
        {
            parts.Add(new AnswerPart(AnswerPartKind.CallArguments, json) { Call = _calls - 1 });
        }

        if (id == _marks.CallEnd)
        {
            parts.Add(new AnswerPart(AnswerPartKind.CallArguments, "}") { Call = _calls - 1 });
            parts.Add(new AnswerPart(AnswerPartKind.CallEnd, "") { Call = _calls - 1 });
            CompletedCalls++;
            _isEnded |= !_options.SeveralCalls;
            _mode = Mode.Content;
            _isCallGiven = false;
            _callTokens.Clear();
        }
    }

    private bool TryAppendToCall(ToolCallReader call, int id)
    {
        if (id == _marks.Quote || id == _marks.CallEnd)
        {
            return call.TryAppend(_detokenizer.Flush()) && (id == _marks.Quote ? call.TryAppendQuote() : call.IsClosed);
        }

        return _tokenizer.IsSpecial(id) // means nothing here, and may stand in a text only
            ? call.IsInText && call.TryAppend(_detokenizer.Flush()) && call.TryAppend(_tokenizer.Decode([id], skipSpecial: false))
            : call.TryAppend(_detokenizer.Append(id));
    }

    // What was taken for a call becomes content as it stands.
    private void BreakCall(List<AnswerPart> parts)
    {
        if (_isCallGiven)
        {
            _isCallGiven = false;
            parts.Add(new AnswerPart(AnswerPartKind.CallBroken, "") { Call = _calls - 1 });
        }

        _detokenizer.Flush(); // its tokens are spelled anew
        _spelling = new StreamingDetokenizer(_tokenizer, skipSpecial: false);
        _mode = Mode.BrokenCall;
        foreach (var token in _callTokens)
        {
            if (!_content.IsStopped)
            {
                AppendText(_spelling.Append(token.Id), token, parts);
            }
        }

        _callTokens.Clear();
    }
}
