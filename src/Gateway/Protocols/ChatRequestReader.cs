using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Errors;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Protocols;

/// <summary>Reads a chat completion request in one pass over its bytes, building nothing but the prompt.</summary>
/// <remarks>
/// Strict where the gateway and a backend could disagree (duplicate fields, types of the fields it reads), lenient elsewhere:
/// unknown fields are the backend's business.
/// </remarks>
internal ref partial struct ChatRequestReader
{
    /// <summary>Deeper nesting is refused; no tool schema comes near it, and a parser must not be driven into the ground.</summary>
    public const int MaxDepth = 256;

    private Utf8JsonReader _json;
    private ImmutableArray<PromptMessage>.Builder? _messages;
    private GatewayFailure? _failure;
    private string _model;
    private Range _modelValue;
    private int _firstMember;
    private int _members;
    private bool _stream;
    private int _choices = 1;
    private bool _hasTools;
    private bool _hasImages;
    private Range _tools;
    private Range _toolChoice;
    private Range _toolSelection;
    private Range _toolExecution;
    private string? _promptCacheKey;
    private string? _metadataSession;
    private string? _user;
    private Fields _seen;

    private ChatRequestReader(ReadOnlySpan<byte> body)
    {
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        _model = "";
    }

    [Flags]
    private enum Fields
    {
        None = 0,
        Model = 1,
        Messages = 2,
        Stream = 4,
        Tools = 8,
        ToolChoice = 16,
        ToolSelection = 32,
        ToolExecution = 64,
    }

    /// <returns>The request, or the failure to answer with; never both.</returns>
    public static (ChatRequest? Request, GatewayFailure? Failure) Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return (null, new GatewayFailure(GatewayError.InvalidJson, "The request body is empty. Send a JSON object with \"messages\"."));
        }

        var reader = new ChatRequestReader(body);
        try
        {
            reader.ReadBody();
        }
        catch (JsonException e)
        {
            return (null, new GatewayFailure(GatewayError.InvalidJson, $"The request body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {Explain(e)}"));
        }

        catch (InvalidOperationException) // thrown for the name of a field; texts are read with their place
        {
            return (null, new GatewayFailure(GatewayError.InvalidRequest, $"The request body has a field whose name holds {JsonUnicode.Fault}."));
        }

        return reader._failure is { } failure ? (null, failure) : (reader.ToRequest(), null);
    }

    /// <summary>Returns what the parser says without its " LineNumber: 0 | BytePositionInLine: 3.", which callers say better.</summary>
    public static string Explain(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }

    private readonly ChatRequest ToRequest() => new()
    {
        Prompt = new Prompt { Messages = _messages!.DrainToImmutable(), HasTools = _hasTools, HasImages = _hasImages, SessionId = _promptCacheKey ?? _metadataSession, User = _user },
        Tools = _tools,
        ToolChoice = _toolChoice,
        ToolSelection = _toolSelection,
        ToolExecution = _toolExecution,
        Model = _model,
        Stream = _stream,
        Choices = _choices,
        ModelValue = _modelValue,
        FirstMember = _firstMember,
        HasMembers = _members > 0,
    };

    private void ReadBody()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _failure = new GatewayFailure(GatewayError.InvalidRequest, "The request body must be a JSON object.");
            return;
        }

        _firstMember = (int)_json.BytesConsumed;
        while (_failure is null && _json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            _members++;
            if (_json.ValueTextEquals("model"u8))
            {
                ReadModel();
            }
            else if (_json.ValueTextEquals("messages"u8))
            {
                ReadMessages();
            }
            else if (_json.ValueTextEquals("stream"u8))
            {
                ReadStream();
            }
            else if (_json.ValueTextEquals("tools"u8))
            {
                ReadTools();
            }
            else if (_json.ValueTextEquals("n"u8))
            {
                _json.Read();
                _choices = _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var choices) ? choices : 1; // the backend judges it
                _json.Skip();
            }
            else if (_json.ValueTextEquals("tool_choice"u8))
            {
                _toolChoice = ReadRange(Fields.ToolChoice, "tool_choice");
            }
            else if (_json.ValueTextEquals("tool_selection"u8))
            {
                _toolSelection = ReadRange(Fields.ToolSelection, "tool_selection");
            }
            else if (_json.ValueTextEquals("tool_execution"u8))
            {
                _toolExecution = ReadRange(Fields.ToolExecution, "tool_execution");
            }
            else if (_json.ValueTextEquals("prompt_cache_key"u8))
            {
                _promptCacheKey = ReadName();
            }
            else if (_json.ValueTextEquals("user"u8))
            {
                _user = ReadName();
            }
            else if (_json.ValueTextEquals("metadata"u8))
            {
                ReadMetadata();
            }
            else
            {
                _json.Read();
                _json.Skip();
            }
        }

        if (_failure is not null)
        {
            return;
        }

        _json.Read(); // throws if text stands behind the object
        if (_messages is null || _messages.Count == 0)
        {
            _failure = new GatewayFailure(GatewayError.InvalidRequest, "\"messages\" is missing or empty. Send at least one message, such as {\"role\":\"user\",\"content\":\"...\"}.", "messages");
        }
    }

    private void ReadModel()
    {
        Enter(Fields.Model, "model");
        _json.Read();
        var start = (int)_json.TokenStartIndex;
        if (_json.TokenType == JsonTokenType.String)
        {
            _model = Text("model");
        }
        else if (_json.TokenType != JsonTokenType.Null)
        {
            Refuse("model", "a string");
            return;
        }

        _modelValue = start..(int)_json.BytesConsumed;
    }

    private void ReadStream()
    {
        Enter(Fields.Stream, "stream");
        _json.Read();
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)
        {
            _stream = _json.TokenType == JsonTokenType.True;
            return;
        }

        Refuse("stream", "a boolean");
    }

    private void ReadMessages()
    {
        Enter(Fields.Messages, "messages");
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            Refuse("messages", "an array");
            return;
        }

        _messages = ImmutableArray.CreateBuilder<PromptMessage>();
        while (_failure is null && _json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            ReadMessage($"messages[{_messages.Count}]");
        }
    }

    private void ReadMessage(string path)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            Refuse(path, "an object with \"role\" and \"content\"");
            return;
        }

        string? role = null;
        var text = "";
        while (_failure is null && _json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("role"u8))
            {
                _json.Read();
                role = _json.TokenType == JsonTokenType.String ? Text(path + ".role") : null;
                if (role is null)
                {
                    Refuse(path + ".role", "a string");
                }
            }
            else if (_json.ValueTextEquals("content"u8))
            {
                text = ReadContent(path + ".content");
            }
            else
            {
                _json.Read();
                _json.Skip();
            }
        }

        if (_failure is not null)
        {
            return;
        }

        if (ParseRole(role) is { } parsed)
        {
            _messages!.Add(new PromptMessage(parsed, text));
            return;
        }

        _failure = new GatewayFailure(
            GatewayError.InvalidRequest,
            role is null ? $"\"{path}.role\" is missing." : $"\"{path}.role\" is \"{role}\"; expected system, developer, user, assistant, tool or function.",
            path + ".role");
    }

    private static PromptRole? ParseRole(string? role) => role switch
    {
        "user" => PromptRole.User,
        "assistant" => PromptRole.Assistant,
        "system" or "developer" => PromptRole.System,
        "tool" or "function" => PromptRole.Tool,
        _ => null,
    };

    /// <summary>A string, an array of parts of which the text ones are joined, or null (an assistant's tool call).</summary>
    private string ReadContent(string path)
    {
        _json.Read();
        switch (_json.TokenType)
        {
            case JsonTokenType.String:
                return Text(path);
            case JsonTokenType.Null:
                return "";
            case JsonTokenType.StartArray:
                break;
            default:
                Refuse(path, "a string or an array of parts");
                return "";
        }

        var text = new StringBuilder();
        for (var part = 0; _failure is null && _json.Read() && _json.TokenType != JsonTokenType.EndArray; part++)
        {
            ReadPart($"{path}[{part}]", text);
        }

        return text.ToString();
    }

    private void ReadPart(string path, StringBuilder text)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            Refuse(path, "an object with \"type\"");
            return;
        }

        while (_failure is null && _json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("text"u8))
            {
                _json.Read();
                if (_json.TokenType == JsonTokenType.String)
                {
                    text.Append(text.Length > 0 ? "\n" : "").Append(Text(path + ".text"));
                    continue;
                }
            }
            else if (_json.ValueTextEquals("type"u8))
            {
                _json.Read();
                _hasImages |= _json.TokenType == JsonTokenType.String && (_json.ValueTextEquals("image_url"u8) || _json.ValueTextEquals("input_image"u8) || _json.ValueTextEquals("image"u8));
            }
            else
            {
                _json.Read();
            }

            _json.Skip();
        }
    }

    /// <summary>Notes that a field was met; twice is refused, because a backend might read the other one.</summary>
    private void Enter(Fields field, string name)
    {
        if (_seen.HasFlag(field))
        {
            _failure = new GatewayFailure(GatewayError.InvalidRequest, $"\"{name}\" stands in the request twice.", name);
        }

        _seen |= field;
    }

    private string Text(string path)
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException) // an escaped surrogate without its pair: no valid text, and backends fail on it later
        {
            _failure = new GatewayFailure(GatewayError.InvalidRequest, $"\"{path}\" holds {JsonUnicode.Fault}.", path);
            return "";
        }
    }

    private void Refuse(string path, string expected) =>
        _failure ??= new GatewayFailure(GatewayError.InvalidRequest, $"\"{path}\" must be {expected}.", path);
}
