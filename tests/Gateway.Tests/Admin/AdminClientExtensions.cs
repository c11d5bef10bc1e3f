using System.Net;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Gateway.Tests.Admin;

/// <summary>How tests ask <c>/admin</c>.</summary>
internal static class AdminClientExtensions
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    /// <summary>Posts and reads the answer, which must be a success.</summary>
    public static async Task<JsonElement> PostJsonAsync(this HttpClient client, string path, string body)
    {
        using var response = await client.PostTextAsync(path, body);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.Clone();
    }

    public static async Task<HttpResponseMessage> PostTextAsync(this HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content);
    }

    /// <summary>Gets the receipt of a decision. It is made after the last byte of the answer, so a quick client waits for it.</summary>
    public static async Task<JsonElement> GetReceiptAsync(this HttpClient client, string? id)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            using var response = await client.GetAsync($"/admin/decisions/{id}", patience.Token);
            if (response.StatusCode != HttpStatusCode.NotFound)
            {
                using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(patience.Token));
                return document.RootElement.GetProperty("decision").Clone();
            }

            await Task.Delay(10, patience.Token);
        }
    }
}
