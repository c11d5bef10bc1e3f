namespace RouterGateway.Router.Tests;

/// <summary>The repository's routes file, for tests that run its model.</summary>
internal static class ShippedRoutes
{
    /// <summary>Its text, usable from any folder, and patient: machines that run tests are shared.</summary>
    public static string Text => File.ReadAllText(Repository.PathOf("routes.json"))
        .Replace("\"models/", "\"" + Repository.PathOf("models") + "/", StringComparison.Ordinal)
        .Replace("\"250ms\"", "\"60s\"", StringComparison.Ordinal);

    public static void SkipWithoutModels() =>
        Assert.SkipUnless(Directory.Exists(Repository.PathOf("models", "router-nano")), "models/ is not in this checkout");
}
