using Microsoft.AspNetCore.Http;

namespace RouterGateway.Inference.OpenAI;

/// <summary>An error as OpenAI's API tells it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">Such as "invalid_request_error".</param>
/// <param name="Code">Such as "model_not_found"; <see langword="null"/> when the type says it all.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Parameter">The field at fault.</param>
internal sealed record OpenAIError(int Status, string Type, string? Code, string Message, string? Parameter = null)
{
    private const string InvalidRequest = "invalid_request_error";

    /// <summary>Seconds after which another try makes sense; <see langword="null"/> where it does not.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static OpenAIError Invalid(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, code, message, parameter);

    public static OpenAIError InvalidJson(string message) => Invalid(message, code: "invalid_json");

    public static OpenAIError WrongType(string parameter, string expected) =>
        Invalid($"Invalid type for '{parameter}': expected {expected}.", parameter, "invalid_type");

    public static OpenAIError WrongValue(string parameter, string expected) =>
        Invalid($"Invalid value for '{parameter}': expected {expected}.", parameter, "invalid_value");

    public static OpenAIError EmptyArray(string parameter) =>
        Invalid($"Invalid '{parameter}': empty array. Expected at least one item.", parameter, "empty_array");

    public static OpenAIError Missing(string parameter) =>
        Invalid($"Missing required parameter: '{parameter}'.", parameter, "missing_required_parameter");

    public static OpenAIError Unsupported(string parameter) =>
        Invalid($"'{parameter}' is not supported by this server.", parameter, "unsupported_parameter");

    public static OpenAIError UnknownModel(string model, string served) =>
        new(StatusCodes.Status404NotFound, InvalidRequest, "model_not_found", $"The model '{model}' does not exist here; this server has '{served}'.", "model");

    public static OpenAIError UnknownPath(string path) =>
        new(StatusCodes.Status404NotFound, InvalidRequest, "unknown_url", $"Unknown request URL: {path}.");

    public static OpenAIError WrongKind(string model, string kind, string served, string path) => new(
        StatusCodes.Status404NotFound,
        InvalidRequest,
        "endpoint_not_supported",
        $"This server has '{model}', {kind}: it serves POST {served}, POST /tokenize and POST /detokenize, not {path}.");

    public static OpenAIError WrongMethod(string method, string path) =>
        new(StatusCodes.Status405MethodNotAllowed, InvalidRequest, "method_not_supported", $"{method} is not supported at {path}.");

    public static OpenAIError TooLarge(long limitBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, InvalidRequest, "request_too_large", $"The request body is larger than {limitBytes} bytes.");

    public static OpenAIError ContextExceeded(int contextTokens, string promptTokens) => Invalid(
        $"This model's maximum context length is {contextTokens} tokens. However, your messages resulted in {promptTokens} tokens. Please reduce the length of the messages.",
        "messages",
        "context_length_exceeded");

    public static OpenAIError ContextExceeded(int contextTokens, int promptTokens, int maxTokens) => Invalid(
        $"This model's maximum context length is {contextTokens} tokens. However, you requested {(long)promptTokens + maxTokens} tokens ({promptTokens} in the messages, {maxTokens} in the completion). Please reduce the length of the messages or completion.",
        "messages",
        "context_length_exceeded");

    public static OpenAIError InputTooLong(string place, int contextTokens, string inputTokens) => Invalid(
        $"This model's maximum context length is {contextTokens} tokens. However, '{place}' resulted in {inputTokens} tokens. Please reduce its length.",
        place,
        "context_length_exceeded");

    public static OpenAIError Overloaded() =>
        new(StatusCodes.Status503ServiceUnavailable, "server_error", "server_is_overloaded", "All sequences are busy, and the queue is full or the request waited in it too long. Please retry shortly.") { RetryAfterSeconds = 1 };

    public static OpenAIError NotReady() =>
        new(StatusCodes.Status503ServiceUnavailable, "server_error", "model_not_ready", "The model is being loaded. Please retry shortly.") { RetryAfterSeconds = 1 };

    public static OpenAIError Failed(string message) =>
        new(StatusCodes.Status500InternalServerError, "server_error", "generation_failed", message);

    public static OpenAIError EmbeddingFailed(string message) =>
        new(StatusCodes.Status500InternalServerError, "server_error", "embedding_failed", message);
}
