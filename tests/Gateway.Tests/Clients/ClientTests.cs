using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>Real client SDKs against the real gateway with the shipped models.</summary>
[Collection<SharedGateway>]
public sealed class ClientTests(SharedGateway shared)
{
    private const string CodingPrompt = "Write a Python function that checks whether a string is a palindrome.";

    [Fact]
    public async Task NodeOpenAI_WholeAndStreamed_Works()
    {
        var (exitCode, output, errors) = await NodeClients.RunAsync("openai-chat.mjs", shared.Gateway.Address.GetLeftPart(UriPartial.Authority), CodingPrompt + " Use one line."); // not asked for by another test, so nothing is remembered of it

        Assert.True(exitCode == 0, errors);
        using var document = JsonDocument.Parse(output);
        var seen = document.RootElement;
        Assert.Equal("coding", seen.GetProperty("route").GetString());
        Assert.Equal("classified", seen.GetProperty("outcome").GetString());
        Assert.NotEmpty(seen.GetProperty("text").GetString()!);
        Assert.Contains(seen.GetProperty("finish").GetString(), (string[])["stop", "length"]);
        Assert.Equal(seen.GetProperty("text").GetString(), seen.GetProperty("streamed").GetString());
        Assert.True(seen.GetProperty("deltas").GetInt32() > 5);
        Assert.Equal(seen.GetProperty("usage").GetProperty("total_tokens").GetInt32(), seen.GetProperty("streamUsage").GetProperty("total_tokens").GetInt32());
        var error = seen.GetProperty("error");
        Assert.Equal(("NotFoundError", 404, "model_not_found", "model"), (error.GetProperty("name").GetString(), error.GetProperty("status").GetInt32(), error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.StartsWith("req_", error.GetProperty("requestId").GetString(), StringComparison.Ordinal);
        Assert.Contains("route:coding", seen.GetProperty("models").EnumerateArray().Select(static model => model.GetString()));
    }

    [Fact]
    public async Task NuGetOpenAI_WholeAndStreamed_Works()
    {
        var client = CreateNuGetClient("auto");
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 24, Temperature = 0 };

        var whole = await client.CompleteChatAsync([new UserChatMessage(CodingPrompt)], options);
        var streamed = new StringBuilder();
        var updates = 0;
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage(CodingPrompt)], options))
        {
            updates += update.ContentUpdate.Count > 0 ? 1 : 0;
            streamed.Append(string.Concat(update.ContentUpdate.Select(static part => part.Text)));
        }

        var text = whole.Value.Content.Single().Text;
        Assert.NotEmpty(text);
        Assert.Equal(text, streamed.ToString());
        Assert.True(updates > 5);
        Assert.True(whole.Value.Usage.OutputTokenCount > 5);
        Assert.True(whole.GetRawResponse().Headers.TryGetValue("x-router-route", out var route));
        Assert.Equal("coding", route);
    }

    [Fact]
    public async Task NuGetOpenAI_UnknownModel_Throws404()
    {
        var e = await Assert.ThrowsAsync<ClientResultException>(() => CreateNuGetClient("gpt-9").CompleteChatAsync(new UserChatMessage("hi")));

        Assert.Equal(404, e.Status);
        Assert.Contains("model_not_found", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CodingPrompt, "coding", "coding")]
    [InlineData("Tom has 3 boxes with 12 eggs each. He breaks 5 eggs. How many eggs are left?", "reasoning", "reasoning")]
    [InlineData("Hello, how are you today?", "general", "reasoning")]
    public async Task Chat_ThreeKindsOfPrompt_TakeThreeRoutes(string prompt, string route, string cluster)
    {
        using var content = new StringContent(GatewayHost.Chat(prompt, ""","max_tokens":16"""), Encoding.UTF8, "application/json");

        using var response = await shared.Gateway.Client.PostAsync("/v1/chat/completions", content);

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal((route, cluster, "embedded", "sample-" + cluster), (response.Header("x-router-route"), response.Header("x-router-cluster"), response.Header("x-router-destination"), response.Header("x-router-model")));
    }

    private ChatClient CreateNuGetClient(string model) => new(
        model, new ApiKeyCredential("unused"), new OpenAIClientOptions { Endpoint = new Uri(shared.Gateway.Address, "/v1") });
}
