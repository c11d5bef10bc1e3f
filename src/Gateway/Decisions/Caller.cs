using RouterGateway.Gateway.Protocols;
using RouterGateway.Router;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Decisions;

/// <summary>Who asks, and in which conversation, as far as a request tells.</summary>
internal static class Caller
{
    public const string SessionHeader = "x-session-id";

    /// <summary>Adds to a prompt what the router tells callers and conversations by.</summary>
    /// <param name="chat">The request.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="tenant">Who asks: <see cref="TenantOf"/> these headers.</param>
    public static Prompt Identify(ChatRequest chat, ReadOnlySpan<byte> body, IHeaderDictionary headers, string tenant)
    {
        var sessionId = headers[SessionHeader].ToString() is { Length: > 0 } named ? named : chat.Prompt.SessionId;
        return chat.Prompt with
        {
            Tenant = tenant,
            SessionId = sessionId,
            ToolsHash = chat.Prompt.HasTools && sessionId is null && chat.Prompt.User is null ? Digest.Of(body[chat.Tools]).High : 0, // else nothing asks for it
        };
    }

    /// <summary>Callers with different keys are different tenants; only a hash is kept. Empty without a key.</summary>
    public static string TenantOf(IHeaderDictionary headers) => KeyOf(headers) is { } key ? TenantOfKey(key) : "";

    /// <summary>The tenant that presents a key.</summary>
    public static string TenantOfKey(string key) => Digest.Of(key).ToString();

    /// <summary>The key that a request presents, wherever it does; <c>null</c>: none.</summary>
    private static string? KeyOf(IHeaderDictionary headers)
    {
        const string Bearer = "Bearer ";
        var authorization = headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && authorization[Bearer.Length..].Trim() is { Length: > 0 } token ? token
            : authorization.Trim() is { Length: > 0 } other ? other
            : headers["x-api-key"].ToString().Trim() is { Length: > 0 } named ? named
            : headers["api-key"].ToString().Trim() is { Length: > 0 } azure ? azure
            : null;
    }
}
