using System.ClientModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenAI;
using OpenAI.Embeddings;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>The verb <c>inference</c> with an embedding model, and a real client SDK.</summary>
public sealed class EmbeddingClientTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task NuGetOpenAI_Embeddings_Works()
    {
        var address = FreeAddress();
        OpenAIEmbeddingCollection all = null!;
        ReadOnlyMemory<float> cut = default;
        ClientResultException refusal = null!;

        var (exitCode, output, errors) = await GatewayProcess.RunAsync([], ["inference", Path.Combine(RepositoryFiles.Root, "models", "router-nano"), "--urls", address], async server =>
        {
            await WaitUntilReadyAsync(address);
            var client = new EmbeddingClient("router-nano", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(address + "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });
            all = await client.GenerateEmbeddingsAsync(["Write a Python function.", "Translate this letter.", "Write a python function!"]);
            cut = (await client.GenerateEmbeddingAsync("Write a Python function.", new EmbeddingGenerationOptions { Dimensions = 64 })).Value.ToFloats();
            refusal = await Assert.ThrowsAsync<ClientResultException>(() => client.GenerateEmbeddingAsync(string.Concat(Enumerable.Repeat("too long ", 1000))));
            System.Diagnostics.Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();
        });

        Assert.True(exitCode == 0, errors);
        Assert.Equal($"listening on {address}", output.Trim());
        Assert.Equal([0, 1, 2], all.Select(static embedding => embedding.Index));
        Assert.All(all, static embedding => Assert.Equal(256, embedding.ToFloats().Length));
        Assert.True(Dot(all[0].ToFloats(), all[2].ToFloats()) > Dot(all[0].ToFloats(), all[1].ToFloats()));
        Assert.Equal(all.Usage.InputTokenCount, all.Usage.TotalTokenCount);
        Assert.Equal(64, cut.Length);
        Assert.Equal(1, Dot(cut, cut), 1e-5);
        Assert.Equal(400, refusal.Status);
        Assert.Contains("context length is 512", refusal.Message, StringComparison.Ordinal);
    }

    private static double Dot(ReadOnlyMemory<float> left, ReadOnlyMemory<float> right) => left.ToArray().Zip(right.ToArray(), static (a, b) => (double)a * b).Sum();

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    private static async Task WaitUntilReadyAsync(string address)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(address + "/readyz"), patience.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // it does not listen yet
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
