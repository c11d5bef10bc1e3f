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
    public static Prompt Identify(ChatRequest chat, ReadOnlySpan<byte> body, IHeaderDictionary headers)
    {
        var sessionId = headers[SessionHeader].ToString() is { Length: > 0 } named ? named : chat.Prompt.SessionId;
        return chat.Prompt with
        {
            Tenant = TenantOf(headers),
            SessionId = sessionId,
            ToolsHash = chat.Prompt.HasTools && sessionId is null && chat.Prompt.User is null ? Digest.Of(body[chat.Tools]).High : 0, // else nothing asks for it
        };
    }

    /// <summary>Callers with different credentials are different tenants; only a hash is kept.</summary>
    public static string TenantOf(IHeaderDictionary headers)
    {
        var credentials = $"{headers.Authorization}\n{headers["x-api-key"]}\n{headers["api-key"]}"; // all that BackendTransforms takes for a credential
        return credentials.Length == 2 ? "" : Digest.Of(credentials).ToString();
    }

    /// <summary>The key that a request presents; <c>null</c>: none.</summary>
    public static string? KeyOf(IHeaderDictionary headers)
    {
        const string Bearer = "Bearer ";
        var authorization = headers.Authorization.ToString();
        var key = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : headers["x-api-key"].ToString() is { Length: > 0 } named ? named : headers["api-key"].ToString();
        return key.Length > 0 ? key : null;
    }
}
