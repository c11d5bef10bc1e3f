using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes;

public sealed class ClusterCredentialsTests
{
    [Fact]
    public void ReadSecret_File_ReadsItAnewAndTrims()
    {
        using var folder = new RoutesFolder();
        var credentials = new ClusterCredentials { SecretFile = folder.AddFile("secret", " one\n") };

        var first = credentials.ReadSecret();
        folder.AddFile("secret", "two");
        var second = credentials.ReadSecret();

        Assert.Equal(("one", "two"), (first, second));
    }

    [Fact]
    public void ReadSecret_NothingThere_IsNull()
    {
        using var folder = new RoutesFolder();

        Assert.Null(new ClusterCredentials { SecretFile = folder.Root + "/none" }.ReadSecret());
        Assert.Null(new ClusterCredentials { SecretFile = folder.AddFile("blank", " \n") }.ReadSecret());
        Assert.Null(new ClusterCredentials { EnvironmentVariable = "ROUTER_TESTS_NOT_SET" }.ReadSecret());
    }

    [Fact]
    public void ReadSecret_EnvironmentVariable_ReadsIt()
    {
        Environment.SetEnvironmentVariable("ROUTER_TESTS_SECRET", "three");

        Assert.Equal("three", new ClusterCredentials { EnvironmentVariable = "ROUTER_TESTS_SECRET" }.ReadSecret());
    }
}
