namespace RouterGateway.Inference.Hub;

/// <summary>The folder of a model, and the one beside it that a pull fills before it takes its place.</summary>
/// <param name="target">The model's folder.</param>
internal sealed class PullFolders(string target)
{
    public string Target => target;

    public string Partial { get; } = target + HubNames.PartialSuffix;

    /// <summary>What is there already and needs no pull; null when there is nothing, or it is to be replaced.</summary>
    /// <exception cref="HubException">There is something else.</exception>
    public PulledManifest? FindComplete(string repository, ModelPullOptions options)
    {
        if (File.Exists(target))
        {
            throw new HubException($"\"{target}\" is a file: move it away, or choose another --name.");
        }

        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
        {
            return null;
        }

        if (new DirectoryInfo(target).LinkTarget is { } link)
        {
            throw new HubException($"\"{target}\" is a link to \"{link}\": remove it, or choose another --name.");
        }

        var manifest = PulledManifest.TryRead(target);
        if (options.IsForced)
        {
            return manifest is not null || ModelInspection.Read(target).IsModel ? null : throw new HubException($"\"{target}\" is no model's folder, and is not replaced: move it away, or choose another --name.");
        }

        if (manifest is null)
        {
            throw new HubException($"\"{target}\" is there already, and was not pulled: --force replaces a model's folder, --name chooses another.");
        }

        var isWanted = manifest.Repository == repository && (manifest.Revision == options.Revision || manifest.Commit == options.Revision) && (options.Dtype is null || options.Dtype == manifest.Dtype)
            && (options.Subfolder is null || options.Subfolder.Trim('/') == manifest.Subfolder);
        if (!isWanted)
        {
            throw new HubException(
                $"\"{target}\" holds {manifest.Repository}, revision {manifest.Revision}{(manifest.Dtype is null ? "" : $", {manifest.Dtype}")}, which is not what is asked for: --force replaces it, --name chooses another folder.");
        }

        return manifest.IsComplete(target) ? manifest : null;
    }

    /// <summary>Creates the folder that is filled.</summary>
    public void Create() => Directory.CreateDirectory(Partial);

    /// <summary>Deletes the folder that was to be filled, if nothing came.</summary>
    public void DeleteIfEmpty()
    {
        if (Directory.Exists(Partial) && !Directory.EnumerateFileSystemEntries(Partial).Any())
        {
            Directory.Delete(Partial);
        }
    }

    /// <summary>Creates the folder of a file, and returns where the file goes.</summary>
    public string Prepare(string file)
    {
        var path = Path.Combine(Partial, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Puts the filled folder in the place of the model's.</summary>
    public void Complete(PulledManifest manifest)
    {
        var known = manifest.Files.Select(file => Path.GetFullPath(Path.Combine(Partial, file.Path))).ToHashSet(StringComparer.Ordinal);
        foreach (var leftOver in Directory.EnumerateFiles(Partial, "*", SearchOption.AllDirectories).Where(file => !known.Contains(Path.GetFullPath(file))).ToArray())
        {
            File.Delete(leftOver); // of an interrupted pull of another kind or revision
        }

        manifest.Write(Partial);
        var replaced = target + HubNames.ReplacedSuffix;
        if (Directory.Exists(replaced))
        {
            Directory.Delete(replaced, recursive: true);
        }

        if (Directory.Exists(target))
        {
            Directory.Move(target, replaced);
        }

        Directory.Move(Partial, target);
        if (Directory.Exists(replaced))
        {
            Directory.Delete(replaced, recursive: true);
        }
    }
}
