using System.Text.Json;
using System.Text.RegularExpressions;

namespace RouterGateway.Inference.Hub;

internal sealed partial class HubClient
{
    private const int MostPageBytes = 32 << 20;

    /// <summary>Asks for one page of the list of files.</summary>
    /// <param name="repository">Owner and name.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="page">What <c>Next</c> of the page before said; null for the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The files of the page, where the next one is or null, and the commit where the hub tells it.</returns>
    /// <exception cref="HubBusyException">It failed, and another try may help.</exception>
    /// <exception cref="HubException">It failed for good, or lists what no hub does.</exception>
    public async Task<(IReadOnlyList<HubEntry> Entries, Uri? Next, string? Commit)> ListAsync(string repository, string revision, Uri? page, CancellationToken cancellationToken)
    {
        page ??= Url($"api/models/{repository}/tree/{Uri.EscapeDataString(revision)}?recursive=true");
        using var answer = await SendAsync(page, repository, null, cancellationToken);
        var content = await ReadAsync(answer, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(content);
            return ([.. document.RootElement.EnumerateArray().Where(static entry => Text(entry, "type") == "file").Select(entry => Entry(entry, answer.Url))], Next(answer), answer.Commit);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HubException($"{Printable(answer.Url)} is no list of files ({e.Message.TrimEnd('.')}): is HF_ENDPOINT the address of a Hugging Face-compatible hub?", e);
        }
    }

    private async Task<byte[]> ReadAsync(HubAnswer answer, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_readTimeout);
        try
        {
            await answer.Response.Content.LoadIntoBufferAsync(MostPageBytes, patience.Token);
            return await answer.Response.Content.ReadAsByteArrayAsync(patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubBusyException($"{Printable(answer.Url)} did not end within {_readTimeout.TotalSeconds:0.#} s", null, e);
        }
        catch (HttpRequestException e)
        {
            throw new HubBusyException($"{Printable(answer.Url)} broke off ({Reason(e)})", null, e);
        }
    }

    private static HubEntry Entry(JsonElement entry, Uri url)
    {
        var path = Text(entry, "path") ?? "";
        if (!HubNames.IsInside(path))
        {
            throw new HubException($"{Printable(url)} lists a file \"{Shorten(path)}\", whose path leads outside of the repository: nothing is fetched. Do not trust this hub.");
        }

        var lfs = entry.TryGetProperty("lfs", out var member) && member.ValueKind == JsonValueKind.Object ? member : default;
        var isLarge = lfs.ValueKind == JsonValueKind.Object;
        var size = Number(isLarge ? lfs : default, "size") ?? Number(entry, "size");
        var hash = Text(isLarge ? lfs : entry, "oid") ?? "";
        return size is >= 0
            ? new HubEntry(path, size.Value, hash.Replace("sha256:", "", StringComparison.OrdinalIgnoreCase).ToLowerInvariant())
            : throw new HubException($"{Printable(url)} lists \"{Shorten(path)}\" without a size: is HF_ENDPOINT the address of a Hugging Face-compatible hub?");
    }

    private Uri? Next(HubAnswer answer)
    {
        if (!answer.Response.Headers.TryGetValues("Link", out var links) ||
            links.SelectMany(static link => LinkPattern().Matches(link)).FirstOrDefault(static link => link.Groups[2].Value.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase)) is not { } next)
        {
            return null;
        }

        return Uri.TryCreate(answer.Url, next.Groups[1].Value, out var url) && IsHub(url)
            ? url
            : throw new HubException($"{Printable(answer.Url)} continues its list of files on another host: nothing is fetched. Do not trust this hub.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    [GeneratedRegex("<([^>]*)>([^,<]*)")]
    private static partial Regex LinkPattern();
}
