using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreConnectionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Configure_WrongPasswordThenRightOne_Works()
    {
        using var server = await RedisServer.StartAsync("--requirepass", "right");
        var file = Path.Combine(server.Folder, "secret");
        var settings = server.Settings with { Credentials = new ClusterCredentials { SecretFile = file } };
        await using var store = new StoreUnderTest(settings);

        var missing = await ErrorAsync(store, "missing or empty");
        await File.WriteAllTextAsync(file, "wrong\n");
        var wrong = await ErrorAsync(store, "refuses");
        await store.MeasureAsync("wrong password", TimeSpan.FromSeconds(1));
        await File.WriteAllTextAsync(file, "right\n");
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.Equal($"127.0.0.1:{server.Port} wants a password, and what decisions.redisCredentials names ({file}) is missing or empty.", missing);
        Assert.StartsWith($"127.0.0.1:{server.Port} refuses the password that decisions.redisCredentials names: put the right one into {file}", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain(store.Warnings, static text => text.Contains("\"wrong\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Configure_NoPasswordWhereOneIsWanted_SaysSo()
    {
        using var server = await RedisServer.StartAsync("--requirepass", "right");
        await using var store = new StoreUnderTest(server.Settings);

        var error = await ErrorAsync(store, "password");

        Assert.Equal($"127.0.0.1:{server.Port} wants a password: say with decisions.redisCredentials where it is found.", error);
    }

    [Fact]
    public async Task GetAsync_PasswordRotatedWithARestart_IsReadAgain()
    {
        using var server = await RedisServer.StartAsync();
        var file = Path.Combine(server.Folder, "secret");
        await File.WriteAllTextAsync(file, "old");
        await server.RunAsync("CONFIG", "SET", "requirepass", "old");
        await using var store = await StoreUnderTest.ConnectAsync(server.Settings with { Credentials = new ClusterCredentials { SecretFile = file } });

        server.Kill();
        await File.WriteAllTextAsync(file, "new");
        await server.RestartAsync("--requirepass", "new");
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.True(store.Store.GetStatus()!.IsWell);
    }

    [Fact]
    public async Task Configure_Tls_WorksWithACertificateThatIsTrustedOnly()
    {
        Assert.SkipUnless(await RedisServer.HasTlsAsync(), "this redis-server is built without TLS");
        using var server = RedisServer.Down();
        var files = WriteCertificate(server.Folder);
        await server.RestartAsync("--tls-port", $"{server.Port}", "--port", "0", "--tls-auth-clients", "no", "--tls-cert-file", files.Certificate, "--tls-key-file", files.Key);
        var settings = server.Settings with { Configuration = $"127.0.0.1:{server.Port},ssl=true" };
        await using var trusting = new StoreUnderTest(settings, static (_, certificate, _, _) => certificate is not null);
        await using var distrusting = new StoreUnderTest(settings);

        await trusting.WorksAsync();
        var error = await ErrorAsync(distrusting, "certificate");

        Assert.True(trusting.Store.GetStatus()!.IsWell);
        Assert.False(distrusting.Store.GetStatus()!.IsWell);
        output.WriteLine(error);
    }

    [Fact]
    public async Task Configure_TlsWhereThereIsNone_SaysSo()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = new StoreUnderTest(server.Settings with { Configuration = $"127.0.0.1:{server.Port},ssl=true" });

        var error = await ErrorAsync(store, "TLS");

        Assert.Contains("decisions.redis", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_NotReadable_SaysSoAndDoesNotThrow()
    {
        await using var store = new StoreUnderTest(new RedisSettings("localhost,nonsense=1", null, "test:"));

        var error = await ErrorAsync(store, "cannot be read");

        Assert.Contains("decisions.redis", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_AnotherServerThenNone_ChangesAndLetsGoOfTheOneBefore()
    {
        using var one = await RedisServer.StartAsync();
        using var other = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(one);
        await store.WriteAsync("where", "one");

        store.Store.Configure(other.Settings);
        await store.WriteAsync("where", "other");
        await Eventually.TrueAsync(async () => await ConnectionsAsync(one) == 0, "it let go of the first");
        store.Store.Configure(null);
        await Eventually.TrueAsync(async () => await ConnectionsAsync(other) == 0, "it let go of the second");

        Assert.False(store.Store.IsConfigured);
        Assert.Null(store.Store.GetStatus());
        Assert.Null(await store.GetAsync("where"));
        Assert.StartsWith("\"one\"", $"\"{await one.RunAsync("GET", $"test:decision:{Digest.Of("where")}")}\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_EqualSettings_KeepsTheConnection()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        store.Store.Configure(server.Settings);

        Assert.Equal("x", await WriteAndReadAsync(store));
        Assert.Single(store.Logged(2100));
    }

    private static async Task<string?> WriteAndReadAsync(StoreUnderTest store)
    {
        store.Set("at once", "x"); // a new connection would not be there yet, and drop it
        await Eventually.TrueAsync(async () => await store.GetAsync("at once") is not null, "it is written");
        return await store.GetAsync("at once");
    }

    private static async Task<int> ConnectionsAsync(RedisServer server) =>
        (await server.RunAsync("CLIENT", "LIST")).Split("name=routergateway").Length - 1;

    private static async Task<string> ErrorAsync(StoreUnderTest store, string word)
    {
        await Eventually.TrueAsync(() => store.Store.GetStatus()!.LastError?.Contains(word, StringComparison.Ordinal) == true, $"the error tells of {word}");
        return store.Store.GetStatus()!.LastError!;
    }

    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=router-tests", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var files = (Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
