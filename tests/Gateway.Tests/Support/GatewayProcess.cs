using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RouterGateway.Gateway.Tests.Support;

/// <summary>The gateway as users run it: its own process, the shipped routes and models, embedded backends and all.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    public Uri Address { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public ConcurrentQueue<string> Log { get; } = new();

    public int Id => _process.Id;

    public string RoutesFile => Path.Combine(_folder.FullName, "routes.json");

    /// <summary>Processes that the gateway started, its embedded backends.</summary>
    public IReadOnlyList<int> Children =>
        [.. Directory.EnumerateDirectories("/proc").Select(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == Id)];

    /// <summary>Starts the gateway on a free port with a copy of the shipped routes file, and waits until it is ready.</summary>
    /// <param name="edit">Changes the routes file; null = it is taken as it is.</param>
    /// <param name="adminKey">The key of <c>/admin</c>, which its client sends; <c>null</c>: none.</param>
    public static async Task<GatewayProcess> StartAsync(Func<string, string>? edit = null, string? adminKey = null)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-process-");
        var routes = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "routes.json"));
        routes = edit is null ? routes : edit(routes);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "routes.json"), routes.Replace("\"models/", $"\"{RepositoryFiles.Root}models/", StringComparison.Ordinal));
        var gateway = new GatewayProcess(CreateProcess("--routes", Path.Combine(folder.FullName, "routes.json"), "--urls", "http://127.0.0.1:0"), folder);
        gateway._process.StartInfo.Environment["ROUTERGATEWAY_ADMIN_KEY"] = adminKey ?? "";
        gateway._process.Start();
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        try
        {
            gateway.Address = await gateway._ready.Task.WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            await gateway.DisposeAsync();
            throw new TimeoutException("The gateway did not get ready:\n" + string.Join('\n', gateway.Log));
        }

        gateway.Client = new HttpClient { BaseAddress = gateway.Address, Timeout = _patience };
        gateway.Client.DefaultRequestHeaders.Add("x-admin-key", adminKey is null ? [] : [adminKey]);
        return gateway;
    }

    /// <summary>Runs the gateway's program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(adminKey: null, arguments);

    /// <summary>Runs the gateway's program to its end.</summary>
    /// <param name="adminKey">The key of <c>/admin</c> in its environment; <c>null</c>: none.</param>
    /// <param name="arguments">Its command line.</param>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(string? adminKey, string[] arguments) =>
        RunAsync(adminKey is null ? [] : new() { ["ROUTERGATEWAY_ADMIN_KEY"] = adminKey }, arguments, null);

    /// <summary>Runs the gateway's program to its end.</summary>
    /// <param name="environment">What is set in its environment.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="meanwhile">What is done while it runs; <c>null</c>: nothing.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(Dictionary<string, string> environment, string[] arguments, Func<Process, Task>? meanwhile)
    {
        using var process = CreateProcess(arguments);
        foreach (var (name, value) in environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await (meanwhile?.Invoke(process) ?? Task.CompletedTask);
        await process.WaitForExitAsync().WaitAsync(_patience);
        return (process.ExitCode, await output, await errors);
    }

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited)
        {
            Signal("TERM");
            await WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Process CreateProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", RepositoryFiles.GatewayAssembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment.Remove("ROUTERGATEWAY_ADMIN_KEY");
        return new Process { StartInfo = start };
    }

    private static int ParentOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat"); // pid (name) state ppid ...
            return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // ended in this moment
        }
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("The gateway ended before it was ready:\n" + string.Join('\n', Log)));
            return;
        }

        Log.Enqueue(line);
        if (ReadyLine().Match(line) is { Success: true } match)
        {
            _ready.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Ready on (http://[0-9.]+:[0-9]+)")]
    private static partial Regex ReadyLine();
}
