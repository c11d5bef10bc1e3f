using System.Net;
using System.Net.Http.Headers;

namespace RouterGateway.Inference.Hub;

/// <summary>Fetches one file into a folder: into a part beside it first, which is gone on with after an interruption, and renamed once it is checked.</summary>
/// <param name="client">The hub.</param>
/// <param name="options">Patience and tries.</param>
/// <param name="repository">Owner and name.</param>
/// <param name="revision">Branch, tag or commit.</param>
/// <param name="entry">The file.</param>
/// <param name="path">Where it goes.</param>
/// <param name="progress">Told of every block; null: nobody wants to know.</param>
internal sealed class FileFetch(HubClient client, ModelPullOptions options, string repository, string revision, HubEntry entry, string path, IProgress<PullProgress>? progress)
{
    private const int BlockBytes = 128 << 10;
    private const int ProgressBytes = 64 << 10; // what has to come for a failure to be forgiven: a byte now and then must not go on for ever

    private readonly HubRetries _retries = new(options, progress);
    private readonly string _part = path + PartSuffix;
    private readonly string _tag = path + TagSuffix;

    /// <summary>What the name of a part ends in.</summary>
    public const string PartSuffix = ".part";

    /// <summary>What the name of the file ends in that says what a part is of.</summary>
    public const string TagSuffix = ".part-of";

    /// <summary>The commit that the file came from; null when the hub did not tell, or nothing had to be fetched.</summary>
    public string? Commit { get; private set; }

    /// <summary>How much of a file is in a folder already, whole or in part.</summary>
    public static long BytesHere(string path) => new[] { path, path + PartSuffix }.Select(static file => new FileInfo(file)).Where(static file => file.Exists).Sum(static file => file.Length);

    /// <summary>Fetches what is not here.</summary>
    /// <returns>SHA-256 of the content, 64 hexadecimal digits.</returns>
    /// <exception cref="HubException">It cannot be had.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        if (await HubFileHash.ComputeIfAsync(path, entry, cancellationToken) is { IsRight: true } here)
        {
            progress?.Report(new PullProgress(entry.Path, entry.SizeBytes, entry.SizeBytes));
            return here.Sha256;
        }

        for (var isLast = false; ; isLast = true)
        {
            await _retries.RunAsync(async () => await FetchAsync(cancellationToken), cancellationToken);
            if (await HubFileHash.ComputeIfAsync(_part, entry, cancellationToken) is { IsRight: true } fetched)
            {
                File.Move(_part, path, overwrite: true);
                File.Delete(_tag);
                return fetched.Sha256;
            }

            Forget();
            if (isLast)
            {
                throw new HubException(
                    $"\"{entry.Path}\" of {repository} came twice with another content than the hub lists ({entry.SizeBytes} bytes, {(entry.HasSha256 ? "SHA-256" : "git blob")} {entry.Hash}), and was deleted. " +
                    "It was damaged on its way, or changed in the meantime: run the same command again, and check proxies between this machine and the hub.");
            }

            progress?.Report(PullProgress.Say($"{entry.Path} came damaged, and is fetched again"));
        }
    }

    private async Task<bool> FetchAsync(CancellationToken cancellationToken)
    {
        var (have, tag) = Resume();
        if (have == entry.SizeBytes && have > 0)
        {
            return true;
        }

        using var answer = await client.OpenAsync(repository, revision, entry.Path, have, tag, cancellationToken);
        Commit ??= answer.Commit;
        var response = answer.Response;
        if ((response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From != have) || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Forget();
            throw new HubBusyException($"\"{entry.Path}\" cannot be gone on with at byte {have}, and is begun anew");
        }

        if (response.StatusCode == HttpStatusCode.OK)
        {
            have = 0;
            await File.WriteAllLinesAsync(_tag, [entry.Hash, response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : ""], cancellationToken);
        }

        await CopyAsync(response, have, cancellationToken);
        return true;
    }

    // What there is of this very file; a part of another version of it is deleted.
    private (long Bytes, EntityTagHeaderValue? Tag) Resume()
    {
        var part = new FileInfo(_part);
        if (!part.Exists || !File.Exists(_tag) || File.ReadAllLines(_tag) is not [var hash, .. var rest] || hash != entry.Hash || part.Length > entry.SizeBytes)
        {
            Forget();
            return (0, null);
        }

        return (part.Length, rest is [{ Length: > 0 } tag] && EntityTagHeaderValue.TryParse(tag, out var parsed) ? parsed : null);
    }

    private async Task CopyAsync(HttpResponseMessage response, long have, CancellationToken cancellationToken)
    {
        await using var part = new FileStream(_part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1);
        part.SetLength(have);
        part.Position = have;
        var buffer = new byte[BlockBytes];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var begun = have;
        int read;
        while ((read = await ReadAsync(body, buffer, patience, cancellationToken)) > 0)
        {
            if (have + read > entry.SizeBytes)
            {
                return; // more than the hub lists: the check finds it wrong, at the latest by its length
            }

            await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            have += read;
            progress?.Report(new PullProgress(entry.Path, have, entry.SizeBytes));
            if (have - begun >= ProgressBytes)
            {
                _retries.Progressed();
                begun = have;
            }
        }

        if (have < entry.SizeBytes)
        {
            throw new HubBusyException($"\"{entry.Path}\" broke off at {have} of {entry.SizeBytes} bytes");
        }
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        patience.CancelAfter(options.ReadTimeout);
        try
        {
            return await body.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubBusyException($"nothing came of \"{entry.Path}\" for {options.ReadTimeout.TotalSeconds:0.#} s", null, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new HubBusyException($"\"{entry.Path}\" broke off ({e.Message.TrimEnd('.')})", null, e);
        }
        finally
        {
            patience.CancelAfter(Timeout.InfiniteTimeSpan); // a slow disk is not the hub's fault
        }
    }

    private void Forget()
    {
        File.Delete(_part);
        File.Delete(_tag);
    }
}
