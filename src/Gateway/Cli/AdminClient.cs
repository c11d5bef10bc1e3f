using System.Net;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Gateway.Cli;

/// <summary>Asks a running gateway's <c>/admin</c>, with the key from the environment.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client;

    private AdminClient(Uri address)
    {
        // the gateway refuses what comes through a proxy of its own machine; a redirection would take the key elsewhere
        var handler = new SocketsHttpHandler { UseProxy = !address.IsLoopback, AllowAutoRedirect = false };
        _client = new HttpClient(handler) { BaseAddress = address, Timeout = _patience };
    }

    /// <param name="url">Address of the gateway.</param>
    /// <returns>The client; <c>null</c> after it was said on standard error why there is none.</returns>
    public static async Task<AdminClient?> CreateAsync(string url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
        {
            return new AdminClient(address);
        }

        await Console.Error.WriteLineAsync($"--url \"{url}\" is no address; it must be one such as {new GatewayOptions().Urls}.");
        return null;
    }

    /// <summary>Asks and reads the answer.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">Below the gateway's address.</param>
    /// <param name="body">JSON; <c>null</c>: none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer; <c>null</c> after it was said on standard error why there is none.</returns>
    public async Task<JsonDocument?> SendAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (ServeCommand.AdminKey() is { } key && !request.Headers.TryAddWithoutValidation("x-admin-key", key))
        {
            await Console.Error.WriteLineAsync($"{ServeCommand.AdminKeyVariable} holds what no header can.");
            return null;
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return JsonDocument.Parse(answer);
            }

            await Console.Error.WriteLineAsync($"{MessageOf(answer) ?? $"{_client.BaseAddress} answered {(int)response.StatusCode}; is it a gateway?"}{KeyHint(response.StatusCode)}");
        }
        catch (HttpRequestException fault)
        {
            await Console.Error.WriteLineAsync($"No gateway answers at {_client.BaseAddress}: {fault.Message} Is it running, and is this its address? --url names another.");
        }
        catch (JsonException)
        {
            await Console.Error.WriteLineAsync($"{_client.BaseAddress} answered something that is not JSON; is it a gateway?");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"{_client.BaseAddress} did not answer within {_patience.TotalSeconds:0} s.");
        }

        return null;
    }

    public void Dispose() => _client.Dispose();

    private static string KeyHint(HttpStatusCode status) => status == HttpStatusCode.Unauthorized
        ? $" This command takes it from {ServeCommand.AdminKeyVariable}, which is {(ServeCommand.AdminKey() is null ? "not set" : "another one than the gateway's")}."
        : "";

    // The message of an error in OpenAI's shape; null when it is something else.
    private static string? MessageOf(byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error"u8, out var error) &&
                error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.String
                ? message.GetString()
                : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
