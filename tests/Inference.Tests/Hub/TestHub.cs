using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace RouterGateway.Inference.Tests.Hub;

/// <summary>A hub on a free port of the loopback, which speaks as Hugging Face's does, and misbehaves when it is told to.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _isLarge = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _served = new(StringComparer.Ordinal);

    private TestHub(WebApplication application) => _application = application;

    public string Address { get; private set; } = "";

    public string Repository { get; } = "acme/tiny";

    /// <summary>Files on a page of the list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Whether a part of a file can be asked for.</summary>
    public bool KnowsRanges { get; set; } = true;

    /// <summary>Whether answers say which commit they are of.</summary>
    public bool TellsCommit { get; set; } = true;

    /// <summary>Where large files are; null: here.</summary>
    public TestHub? Storage { get; set; }

    /// <summary>Answers before the hub does, when it returns true; given the path that is asked for, without the query.</summary>
    public Func<HttpContext, string, Task<bool>>? Before { get; set; }

    /// <summary>Changes what is sent of a file, given its path and how often it was asked for; what the list says stays.</summary>
    public Func<string, int, byte[], byte[]>? Damage { get; set; }

    /// <summary>After how many bytes of a file the connection is cut, given its path and how often it was asked for; null: never.</summary>
    public Func<string, int, int?>? CutAfter { get; set; }

    /// <summary>After how many bytes of a file nothing more comes, as for <see cref="CutAfter"/>.</summary>
    public Func<string, int, int?>? StallAfter { get; set; }

    /// <summary>What stands in the list besides the files.</summary>
    public List<string> ListedToo { get; } = [];

    public ConcurrentQueue<(string Path, string? Authorization, string? Range, string? IfRange)> Requests { get; } = [];

    public ConcurrentDictionary<string, int> Times { get; } = new(StringComparer.Ordinal);

    public static async Task<TestHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var hub = new TestHub(application);
        application.Run(hub.AnswerAsync);
        await application.StartAsync();
        hub.Address = application.Urls.First();
        return hub;
    }

    public void Add(string path, byte[] content, bool? isLarge = null)
    {
        _files[path] = content;
        _isLarge[path] = isLarge ?? (path.Contains(".onnx", StringComparison.Ordinal) || content.Length > 100_000);
    }

    public void Add(string path, string content) => Add(path, Encoding.UTF8.GetBytes(content));

    public byte[] Content(string path) => _files[path];

    /// <summary>Bytes of a file that were sent, all times together.</summary>
    public long BytesServed(string path) => _served.GetValueOrDefault(path);

    public int TimesAsked(string path) => Times.GetValueOrDefault(path);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token); // what hangs is cut
        await _application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = Uri.UnescapeDataString(context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0]);
        Requests.Enqueue((path, Header("Authorization"), Header("Range"), Header("If-Range")));
        if (Before is not null && await Before(context, path))
        {
            return;
        }

        if (TellsCommit)
        {
            context.Response.Headers["X-Repo-Commit"] = Commit;
        }

        var resolve = $"/{Repository}/resolve/";
        if (path == $"/api/models/{Repository}/tree/main")
        {
            await ListAsync(context);
        }
        else if (path.StartsWith(resolve, StringComparison.Ordinal) && path[resolve.Length..].Split('/', 2) is [_, var file] && _files.TryGetValue(file, out var content))
        {
            await SendAsync(context, file, content);
        }
        else
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Message"] = "Entry not found";
        }

        string? Header(string name) => context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
    }

    private async Task ListAsync(HttpContext context)
    {
        var entries = _files.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(file => Entry(file.Key, file.Value)).Concat(ListedToo).Prepend("""{"type":"directory","oid":"0","size":0,"path":"onnx"}""").ToArray();
        var page = int.Parse(context.Request.Query["cursor"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        if ((page + 1) * PageSize < entries.Length)
        {
            context.Response.Headers.Link = $"<{Address}{context.Request.Path}?recursive=true&cursor={page + 1}>; rel=\"next\"";
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($"[{string.Join(',', entries.Skip(page * PageSize).Take(PageSize))}]");
    }

    private string Entry(string path, byte[] content)
    {
        var lfs = _isLarge[path] ? $$""","lfs":{"oid":"{{Convert.ToHexStringLower(SHA256.HashData(content))}}","size":{{content.Length}},"pointerSize":130}""" : "";
        return $$"""{"type":"file","oid":"{{BlobHash(content)}}","size":{{content.Length}},"path":{{JsonSerializer.Serialize(path)}}{{lfs}}}""";
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Git names blobs by SHA-1")]
    private static string BlobHash(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    private async Task SendAsync(HttpContext context, string path, byte[] content)
    {
        if (Storage is not null && _isLarge[path])
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = $"{Storage.Address}/{Storage.Repository}/resolve/main/{path}?Signature=secret";
            return;
        }

        var times = Times.AddOrUpdate(path, 1, static (_, times) => times + 1);
        var tag = $"\"{BlobHash(content)}\"";
        var (first, ifRange) = (0, context.Request.Headers.IfRange.ToString());
        if (KnowsRanges && context.Request.GetTypedHeaders().Range?.Ranges.Single().From is { } from && (ifRange.Length == 0 || ifRange == tag))
        {
            first = (int)from;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {first}-{content.Length - 1}/{content.Length}";
        }

        context.Response.Headers.ETag = tag;
        var sent = (Damage?.Invoke(path, times, [.. content]) ?? content).AsMemory(first);
        context.Response.ContentLength = sent.Length;
        var (cut, stall) = (CutAfter?.Invoke(path, times), StallAfter?.Invoke(path, times));
        sent = sent[..Math.Min(sent.Length, cut ?? stall ?? int.MaxValue)];
        _served.AddOrUpdate(path, sent.Length, (_, served) => served + sent.Length);
        await context.Response.Body.WriteAsync(sent);
        await context.Response.Body.FlushAsync();
        if (stall is not null)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        if (cut is not null)
        {
            context.Abort();
        }
    }
}
