using System.Globalization;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Errors;

public sealed class GatewayErrorTableTests
{
    [Fact]
    public async Task Get_EveryError_StandsInTheDocumentAsItIs()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "errors.md"));

        foreach (var error in Enum.GetValues<GatewayError>())
        {
            var entry = GatewayErrorTable.Get(error);
            var status = error == GatewayError.StreamBroken ? "event" : entry.Status.ToString(CultureInfo.InvariantCulture);
            Assert.Contains($"| `{entry.Code}` | {status} | {(entry.RetryAfter is null ? "no" : "yes")} |", document, StringComparison.Ordinal);
        }
    }
}
