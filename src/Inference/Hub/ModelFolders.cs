namespace RouterGateway.Inference.Hub;

/// <summary>A folder of model folders.</summary>
/// <param name="parent">The folder, as the operator wrote it.</param>
public sealed class ModelFolders(string parent)
{
    /// <summary>Inspects all model folders, by name; folders that hold no model are left out. Empty when the parent does not exist.</summary>
    /// <exception cref="ModelFolderException">One cannot be read.</exception>
    public IReadOnlyList<ModelInspection> List() => Directory.Exists(parent)
        ? [.. Names().Where(HubNames.IsModelName).Order(StringComparer.Ordinal).Select(name => ModelInspection.Read(Path.Combine(parent, name))).Where(static model => model.IsModel)]
        : [];

    /// <summary>Names of models whose pull was interrupted, or is under way.</summary>
    public IReadOnlyList<string> ListPartial() => Directory.Exists(parent)
        ? [.. Names().Where(static name => name.EndsWith(HubNames.PartialSuffix, StringComparison.Ordinal)).Select(static name => name[..^HubNames.PartialSuffix.Length]).Where(HubNames.IsModelName).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Finds what <see cref="Remove"/> would delete.</summary>
    /// <param name="name">Name of the model's folder.</param>
    /// <returns>The folders, and the bytes in them.</returns>
    /// <exception cref="ArgumentException">It is no name.</exception>
    /// <exception cref="HubException">There is no such model, or what is there must not be deleted.</exception>
    public (IReadOnlyList<string> Folders, long SizeBytes) FindRemovable(string name)
    {
        if (!HubNames.IsModelName(name))
        {
            throw new ArgumentException($"\"{name}\" is no name of a model's folder: name one inside \"{parent}\", without its path; --from names another parent.");
        }

        var (folder, partial) = (Path.Combine(parent, name), Path.Combine(parent, name + HubNames.PartialSuffix));
        var folders = new[] { folder, partial }.Where(Path.Exists).ToArray();
        if (folders.Length == 0)
        {
            throw new HubException($"There is no model \"{name}\" in \"{parent}\": \"models list\" shows what there is; --from names another parent.");
        }

        foreach (var found in folders)
        {
            Check(found, isPartial: found == partial);
        }

        return (folders, folders.Sum(static found => new DirectoryInfo(found).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.LinkTarget is null ? file.Length : 0)));
    }

    /// <summary>Deletes a model's folder, and what is left of an interrupted pull of it.</summary>
    /// <param name="name">Name of the folder.</param>
    /// <exception cref="ArgumentException">It is no name.</exception>
    /// <exception cref="HubException">There is no such model, it must not be deleted, or it cannot be.</exception>
    public void Remove(string name)
    {
        FindRemovable(name);
        using var folderLock = FolderLock.Take(Path.Combine(parent, name));
        foreach (var folder in FindRemovable(name).Folders)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new HubException($"\"{folder}\" cannot be deleted whole ({e.Message.TrimEnd('.')}): check its permissions, and run this again.", e);
            }
        }
    }

    private static void Check(string folder, bool isPartial)
    {
        if (new DirectoryInfo(folder) is { LinkTarget: { } target })
        {
            throw new HubException($"\"{folder}\" is a link to \"{target}\", which is not followed: remove the link yourself if it is not needed.");
        }

        if (!Directory.Exists(folder) || (!isPartial && !ModelInspection.Read(folder).IsModel))
        {
            throw new HubException($"\"{folder}\" is no model's folder, and is left alone: remove it yourself if it is not needed.");
        }
    }

    private IEnumerable<string> Names() => Directory.EnumerateDirectories(parent).Select(static folder => Path.GetFileName(folder));
}
