using System.Diagnostics;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>The official JSON-Schema-Test-Suite, as Debian packages it for Perl; no other registry has it for draft 2020-12.</summary>
internal static class JsonSchemaSuite
{
    private const string Package = "libtest-json-schema-acceptance-perl";
    private const string Tests = "usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests";

    private static readonly Lazy<string?> _folder = new(Find);

    /// <summary>Where the tests of a draft are; skips the test when the suite is not installed and cannot be downloaded.</summary>
    public static string Folder(string draft)
    {
        Assert.SkipWhen(_folder.Value is null, $"{Package} is not installed and could not be downloaded with apt-get");
        return Path.Combine(_folder.Value!, draft); // it was looked at
    }

    private static string? Find()
    {
        var own = Path.Combine(Repository.Root, "artifacts", "json-schema-suite");
        var candidates = new[] { Path.Combine("/", Tests), Path.Combine(own, Tests) };
        if (!candidates.Any(Directory.Exists))
        {
            Directory.CreateDirectory(own);
            _ = Run(own, "apt-get", "download", "-qq", Package) // neither needs root nor installs anything
                && Run(own, "dpkg-deb", "-x", Directory.GetFiles(own, "*.deb").Order(StringComparer.Ordinal).LastOrDefault() ?? "none", own);
        }

        return candidates.FirstOrDefault(Directory.Exists);
    }

    private static bool Run(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit(); // what it says fits into the pipes: a line or two
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
