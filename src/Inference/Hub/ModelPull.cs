using System.Globalization;
using System.Text.Json;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Hub;

/// <summary>Fetches a model from a Hugging Face-compatible hub into a folder, whole or not at all; what was fetched before an interruption is kept.</summary>
public sealed class ModelPull
{
    private const int MostPages = 1_000;
    private const int MostParallel = 32;

    private readonly ModelPullOptions _options;
    private readonly string _repository;
    private readonly PullFolders _folders;

    /// <exception cref="ArgumentException">An option is wrong; the message says which, and what it must be.</exception>
    public ModelPull(ModelPullOptions options)
    {
        _options = options;
        var alias = ModelAlias.Find(options.Model);
        _repository = alias?.Repository ?? options.Model;
        Check(HubNames.IsRepository(_repository), $"\"{options.Model}\" is no model: name a repository as owner/name, or one of {string.Join(", ", ModelAlias.All.Select(static known => known.Name))}.");
        var name = options.Name ?? alias?.Name ?? _repository[(_repository.IndexOf('/') + 1)..];
        Check(HubNames.IsModelName(name), $"\"{name}\" is no name for a model's folder: letters, digits, '.', '_' and '-', and no more than 96 of them. Give one with --name.");
        Check(HubNames.IsRevision(options.Revision), $"--revision \"{options.Revision}\" is no branch, tag or commit.");
        Check(options.Dtype is null || (options.Dtype.Length is > 0 and < 32 && options.Dtype.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')), $"--dtype \"{options.Dtype}\" is no kind of weights; kinds are {string.Join(", ", WeightKinds.ByPreference(false))}.");
        Check(options.Parallel is >= 1 and <= MostParallel, $"--parallel must be from 1 to {MostParallel}.");
        _folders = new PullFolders(Path.Combine(options.ParentFolder, name));
    }

    /// <summary>The model's folder.</summary>
    public string Folder => _folders.Target;

    /// <summary>Where the parts of an interrupted pull are kept.</summary>
    public string PartialFolder => _folders.Partial;

    /// <summary>Pulls the model.</summary>
    /// <param name="progress">Told what is done, from several threads; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Interrupts it; what has come is kept.</param>
    /// <returns>What is in the folder, and whether anything was fetched: a folder that is complete is left alone.</returns>
    /// <exception cref="ArgumentException">HF_ENDPOINT or HF_TOKEN is wrong.</exception>
    /// <exception cref="HubException">It failed; what has come is kept.</exception>
    public async Task<(PulledManifest Manifest, bool IsNew)> RunAsync(IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        using var client = new HubClient(_options);
        if (_folders.FindComplete(_repository, _options) is { } complete)
        {
            return (complete, false);
        }

        try
        {
            _folders.Create();
            using var folderLock = FolderLock.Take(_folders.Target);
            if (_folders.FindComplete(_repository, _options) is { } meanwhile)
            {
                return (meanwhile, false);
            }

            try
            {
                return (await PullAsync(client, progress, cancellationToken), true);
            }
            finally
            {
                _folders.DeleteIfEmpty();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"\"{_folders.Partial}\" cannot be written ({e.Message.TrimEnd('.')}). Make room or check its permissions, and run the same command again: it goes on where this one ended.", e);
        }
    }

    private async Task<PulledManifest> PullAsync(HubClient client, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var (entries, listed) = await ListAsync(client, progress, cancellationToken);
        var fetched = new Dictionary<string, PulledFile>(StringComparer.Ordinal);
        var state = new Fetching(client, progress, listed, fetched);
        var selection = await SelectAsync(state, entries, cancellationToken);
        await FetchAsync(state, selection, selection.Files, cancellationToken);
        await FetchAsync(state, selection, ExternalData(selection, entries, fetched), cancellationToken);
        var manifest = new PulledManifest(
            _repository, _options.Revision, state.Commit, selection.Dtype, selection.BaseFolder.Trim('/'), _options.Clock.GetUtcNow(), [.. fetched.Values.OrderBy(static file => file.Path, StringComparer.Ordinal)]);
        cancellationToken.ThrowIfCancellationRequested();
        _folders.Complete(manifest);
        return manifest;
    }

    private async Task<(IReadOnlyList<HubEntry> Entries, string? Commit)> ListAsync(HubClient client, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, HubEntry>(StringComparer.Ordinal);
        var (next, commit) = ((Uri?)null, (string?)null);
        var retries = new HubRetries(_options, progress);
        for (var pages = 0; pages < MostPages; pages++)
        {
            var page = await retries.RunAsync(() => client.ListAsync(_repository, _options.Revision, next, cancellationToken), cancellationToken);
            retries.Progressed();
            commit ??= page.Commit;
            foreach (var entry in page.Entries)
            {
                entries[entry.Path] = entry;
            }

            if (page.Next is null)
            {
                return ([.. entries.Values], commit);
            }

            next = page.Next;
        }

        throw new HubException($"{client.PageOf(_repository)} has more than {entries.Count} files: it is not the repository of one model. Name another.");
    }

    private async Task<FileSelection> SelectAsync(Fetching state, IReadOnlyList<HubEntry> entries, CancellationToken cancellationToken)
    {
        var isCuda = _options.Device == DevicePreference.Cuda || (_options.Device == DevicePreference.Auto && _options.HasCuda());
        if (FileSelection.FindGenAI(entries, _options.Subfolder, isCuda) is not { } config)
        {
            return FileSelection.OfExport(entries, _repository, _options.Dtype, isCuda);
        }

        if (_options.Dtype is not null)
        {
            throw new HubException($"{_repository} is in the layout of ONNX Runtime GenAI, which has one kind of weights to a folder: leave --dtype out, and choose a folder with --subfolder where there are several.");
        }

        await FetchAsync(state, new FileSelection(ModelKind.Generation, null, config.Folder, [config]), [config], cancellationToken);
        try
        {
            using var content = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folders.Partial, config.Name), cancellationToken));
            return FileSelection.OfGenAI(entries, config, content.RootElement);
        }
        catch (JsonException e)
        {
            throw new HubException($"{config.Path} of {_repository} is not valid JSON ({e.Message.TrimEnd('.')}): choose another repository or revision.", e);
        }
    }

    // Weights in files that are not named after their graph.
    private HubEntry[] ExternalData(FileSelection selection, IReadOnlyList<HubEntry> entries, Dictionary<string, PulledFile> fetched)
    {
        var data = new List<HubEntry>();
        foreach (var graph in selection.Files.Where(static entry => entry.Name.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            try
            {
                foreach (var file in GraphFacts.Read(Path.Combine(_folders.Partial, selection.TargetOf(graph))).ExternalFiles.Where(file => !fetched.ContainsKey(selection.TargetOf(graph with { Path = graph.Folder + file }))))
                {
                    data.Add(entries.FirstOrDefault(entry => entry.Path == graph.Folder + file)
                        ?? throw new HubException($"\"{graph.Path}\" of {_repository} needs a file \"{graph.Folder + file}\", which the repository does not have. Choose another --dtype or revision."));
                }
            }
            catch (InvalidDataException e)
            {
                throw new HubException($"\"{graph.Path}\" of {_repository} is no ONNX file ({e.Message.TrimEnd('.')}). Choose another --dtype or revision.", e);
            }
        }

        return [.. data.Distinct()];
    }

    private async Task FetchAsync(Fetching state, FileSelection selection, IReadOnlyList<HubEntry> files, CancellationToken cancellationToken)
    {
        var wanted = files.Where(entry => !state.Fetched.ContainsKey(selection.TargetOf(entry))).ToArray();
        if (wanted.FirstOrDefault(static entry => !entry.CanBeChecked) is { } unknown)
        {
            throw new HubException($"The hub tells no SHA-256 of \"{unknown.Path}\", so that it cannot be checked: nothing is fetched. Is HF_ENDPOINT the address of a Hugging Face-compatible hub?");
        }

        CheckSpace(wanted, selection);
        Array.ForEach(wanted, entry => state.Progress?.Report(new PullProgress(entry.Path, 0, entry.SizeBytes)));
        await Parallel.ForEachAsync(
            wanted.OrderByDescending(static entry => entry.SizeBytes),
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = cancellationToken },
            async (entry, stop) =>
            {
                var target = selection.TargetOf(entry);
                var fetch = new FileFetch(state.Client, _options, _repository, state.Listed ?? _options.Revision, entry, _folders.Prepare(target), state.Progress);
                var sha256 = await fetch.RunAsync(stop);
                lock (state.Fetched)
                {
                    state.Fetched[target] = new PulledFile(target, entry.SizeBytes, sha256);
                    state.Commit ??= fetch.Commit;
                }
            });
    }

    private void CheckSpace(HubEntry[] wanted, FileSelection selection)
    {
        var needed = wanted.Sum(entry => Math.Max(0, (decimal)entry.SizeBytes - FileFetch.BytesHere(Path.Combine(_folders.Partial, selection.TargetOf(entry)))));
        var free = _options.FreeBytes(_folders.Partial);
        Check(needed <= free, message => new HubException(message), string.Create(
            CultureInfo.InvariantCulture, $"{_repository} needs {needed / 1_000_000:N1} MB more on the disk of \"{_folders.Partial}\", and {free / 1e6:N1} MB are free. Make room, name another disk with --to, or choose a smaller --dtype."));
    }

    private static void Check(bool isRight, string message) => Check(isRight, static text => new ArgumentException(text), message);

    private static void Check(bool isRight, Func<string, Exception> create, string message)
    {
        if (!isRight)
        {
            throw create(message);
        }
    }

    // Fetched: by path in the model's folder. Listed: the commit that the list was of, which files are asked for by, so that they are of one commit.
    private sealed record Fetching(HubClient Client, IProgress<PullProgress>? Progress, string? Listed, Dictionary<string, PulledFile> Fetched)
    {
        public string? Commit { get; set; } = Listed;
    }
}
