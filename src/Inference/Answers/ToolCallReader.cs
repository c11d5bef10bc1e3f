using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Answers;

/// <summary>Translates the body of a call, call:NAME{KEY:VALUE,...} with texts between quote marks, to a name and JSON, however it is cut.</summary>
/// <remarks>
/// More is understood than models should write: words without marks are texts, JSON's own strings are strings, a comma may be one too many.
/// What the pieces give together is JSON only with the last brace, which is given out when the call is known to be complete.
/// </remarks>
internal sealed partial class ToolCallReader
{
    private const string Opening = "call:";
    private const int MaxDepth = 60; // readers of JSON go down to 64 usually

    private readonly StringBuilder _json = new(); // not taken yet
    private readonly StringBuilder _word = new(); // a name, key or value without marks that is not known to its end
    private readonly Stack<bool> _levels = new(); // the open objects (true) and lists
    private State _state = State.Opening;
    private bool _needsComma;
    private bool _isEscaped;
    private int _hexDigits;

    private enum State
    {
        Opening,
        Name,
        BeforeKey,
        Key,
        MarkedKey,
        JsonKey,
        Colon,
        BeforeValue,
        Word,
        MarkedText,
        JsonText,
        AfterValue,
        Closed,
    }

    /// <summary>The tool; <see langword="null"/> until the name is known to its end.</summary>
    public string? Name { get; private set; }

    /// <summary>Whether the arguments are complete.</summary>
    public bool IsClosed => _state == State.Closed;

    /// <summary>Whether a text between marks is open: anything may stand in it.</summary>
    public bool IsInText => _state is State.MarkedText or State.MarkedKey;

    /// <summary>Adds text.</summary>
    /// <returns><see langword="false"/> when this is no call.</returns>
    public bool TryAppend(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!TryStep(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds a quote mark.</summary>
    /// <returns><see langword="false"/> when this is no call.</returns>
    public bool TryAppendQuote()
    {
        switch (_state)
        {
            case State.BeforeValue:
                StartItem();
                _json.Append('"');
                _state = State.MarkedText;
                return true;
            case State.BeforeKey:
                StartItem();
                _json.Append('"');
                _state = State.MarkedKey;
                return true;
            case State.MarkedText or State.MarkedKey:
                _json.Append('"');
                _state = _state == State.MarkedKey ? State.Colon : State.AfterValue;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes the JSON that is there since the last time.</summary>
    public string Take()
    {
        var json = _json.ToString();
        _json.Clear();
        return json;
    }

    private static void Escape(StringBuilder json, char c) => _ = c switch
    {
        '"' => json.Append("\\\""),
        '\\' => json.Append("\\\\"),
        '\n' => json.Append("\\n"),
        '\r' => json.Append("\\r"),
        '\t' => json.Append("\\t"),
        < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
        _ => json.Append(c),
    };

    [GeneratedRegex("^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?\\z")]
    private static partial Regex Number();

    private bool TryStep(char c) => _state switch
    {
        State.Opening => TryStepOpening(c),
        State.Name => TryStepName(c),
        State.BeforeKey => TryStepBeforeKey(c),
        State.Key => TryStepKey(c),
        State.JsonKey or State.JsonText => TryStepJson(c),
        State.Colon => char.IsWhiteSpace(c) || TryTurn(c == ':', State.BeforeValue, ':'),
        State.BeforeValue => TryStepBeforeValue(c),
        State.Word => TryStepWord(c),
        State.AfterValue => char.IsWhiteSpace(c) || TryStepAfterValue(c),
        State.MarkedText or State.MarkedKey => AppendText(c),
        _ => char.IsWhiteSpace(c),
    };

    private bool TryTurn(bool isRight, State next, char json)
    {
        if (isRight)
        {
            _json.Append(json);
            _state = next;
        }

        return isRight;
    }

    private bool AppendText(char c)
    {
        Escape(_json, c);
        return true;
    }

    private bool TryStepOpening(char c)
    {
        if (_word.Length == 0 && char.IsWhiteSpace(c))
        {
            return true;
        }

        if (c != Opening[_word.Length])
        {
            return false;
        }

        _word.Append(c);
        if (_word.Length == Opening.Length)
        {
            _word.Clear();
            _state = State.Name;
        }

        return true;
    }

    private bool TryStepName(char c)
    {
        if (c != '{')
        {
            _word.Append(c);
            return _word.Length < 1024;
        }

        var name = TakeWord();
        if (!ToolNames.IsGood(name))
        {
            return false;
        }

        Name = name;
        Open(isObject: true);
        return true;
    }

    private bool TryStepBeforeKey(char c)
    {
        switch (c)
        {
            case var _ when char.IsWhiteSpace(c):
                return true;
            case '}':
                return TryClose(isObject: true);
            case '"':
                StartItem();
                _json.Append('"');
                _state = State.JsonKey;
                return true;
            case ',' or ':' or '{' or '[' or ']':
                return false;
            default:
                StartItem();
                _word.Append(c);
                _state = State.Key;
                return true;
        }
    }

    private bool TryStepKey(char c)
    {
        if (c != ':')
        {
            _word.Append(c);
            return c is not (',' or '{' or '}' or '[' or ']' or '"');
        }

        AppendString(TakeWord());
        _json.Append(':');
        _state = State.BeforeValue;
        return true;
    }

    private bool TryStepBeforeValue(char c)
    {
        switch (c)
        {
            case var _ when char.IsWhiteSpace(c):
                return true;
            case ']' when !_levels.Peek(): // an empty list, or a comma too many
                return TryClose(isObject: false);
            case '{' or '[':
                StartItem();
                return Open(c == '{');
            case '"':
                StartItem();
                _json.Append('"');
                _state = State.JsonText;
                return true;
            case ',' or '}' or ']' or ':':
                return false;
            default:
                StartItem();
                _word.Append(c);
                _state = State.Word;
                return true;
        }
    }

    private bool TryStepWord(char c)
    {
        if (c is not (',' or '}' or ']'))
        {
            _word.Append(c);
            return true;
        }

        var word = TakeWord();
        switch (word)
        {
            case "true" or "True": _json.Append("true"); break;
            case "false" or "False": _json.Append("false"); break;
            case "null" or "None": _json.Append("null"); break;
            case var _ when Number().IsMatch(word): _json.Append(word); break;
            default: AppendString(word); break;
        }

        _state = State.AfterValue;
        return TryStepAfterValue(c);
    }

    private bool TryStepAfterValue(char c)
    {
        if (c != ',')
        {
            return c is '}' or ']' && TryClose(c == '}');
        }

        _needsComma = true;
        _state = _levels.Peek() ? State.BeforeKey : State.BeforeValue;
        return true;
    }

    // JSON's own strings are copied with their escapes, once these are known to be right.
    private bool TryStepJson(char c)
    {
        if (_hexDigits > 0)
        {
            _hexDigits--;
            _json.Append(c);
            return char.IsAsciiHexDigit(c);
        }

        if (_isEscaped)
        {
            _isEscaped = false;
            _hexDigits = c == 'u' ? 4 : 0;
            _json.Append(c);
            return c is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't' or 'u';
        }

        switch (c)
        {
            case '"':
                _json.Append(c);
                _state = _state == State.JsonKey ? State.Colon : State.AfterValue;
                break;
            case '\\':
                _json.Append(c);
                _isEscaped = true;
                break;
            default:
                Escape(_json, c);
                break;
        }

        return true;
    }

    private void StartItem()
    {
        if (_needsComma)
        {
            _json.Append(',');
            _needsComma = false;
        }
    }

    private bool Open(bool isObject)
    {
        _levels.Push(isObject);
        _needsComma = false;
        _json.Append(isObject ? '{' : '[');
        _state = isObject ? State.BeforeKey : State.BeforeValue;
        return _levels.Count <= MaxDepth;
    }

    private bool TryClose(bool isObject)
    {
        if (_levels.Peek() != isObject)
        {
            return false;
        }

        _levels.Pop();
        _needsComma = false;
        if (_levels.Count == 0)
        {
            _state = State.Closed; // its brace comes with the end of the call
            return true;
        }

        _json.Append(isObject ? '}' : ']');
        _state = State.AfterValue;
        return true;
    }

    private string TakeWord()
    {
        var word = _word.ToString().Trim();
        _word.Clear();
        return word;
    }

    private void AppendString(string text)
    {
        _json.Append('"');
        foreach (var c in text)
        {
            Escape(_json, c);
        }

        _json.Append('"');
    }
}
