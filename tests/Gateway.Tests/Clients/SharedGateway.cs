using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>One gateway with the shipped models for all tests that only ask it something.</summary>
[CollectionDefinition]
public sealed class SharedGateway : IAsyncLifetime, ICollectionFixture<SharedGateway>
{
    internal GatewayProcess Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await GatewayProcess.StartAsync(static routes => routes.Replace("\"deadline\": \"250ms\"", "\"deadline\": \"10s\"", StringComparison.Ordinal)); // what is tested is not how busy the machine is

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
