using RouterGateway.Inference.Hub;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Hub;

public sealed class ModelFoldersTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();
    private readonly ModelFolders _folders;

    public ModelFoldersTests()
    {
        _folders = new ModelFolders(_parent.Path);
        foreach (var model in new[] { "b-model", "a-model" })
        {
            Directory.CreateDirectory(_parent.File(model));
            File.Copy(Path.Combine(Repository.Model("router-nano"), "model.onnx"), _parent.File(model + "/model.onnx"));
        }

        Directory.CreateDirectory(_parent.File("thesis"));
        File.WriteAllText(_parent.File("thesis/thesis.txt"), "");
        Directory.CreateDirectory(_parent.File("c-model.partial"));
        File.WriteAllText(_parent.File("c-model.partial/weights.part"), "12345");
    }

    public void Dispose() => _parent.Dispose();

    [Fact]
    public void List_ModelsAndOtherFolders_ShowsModelsByName()
    {
        Assert.Equal(["a-model", "b-model"], _folders.List().Select(static model => Path.GetFileName(model.Folder)));
        Assert.Equal(["c-model"], _folders.ListPartial());
    }

    [Fact]
    public void List_NoParent_IsEmpty()
    {
        var folders = new ModelFolders(_parent.File("nothing"));

        Assert.Empty(folders.List());
        Assert.Empty(folders.ListPartial());
    }

    [Fact]
    public void Remove_AModel_IsGone()
    {
        _folders.Remove("a-model");

        Assert.Equal(["b-model", "c-model.partial", "thesis"], Names());
    }

    [Fact]
    public void Remove_APullThatWasInterrupted_IsGone()
    {
        var (found, sizeBytes) = _folders.FindRemovable("c-model");
        _folders.Remove("c-model");

        Assert.Equal([_parent.File("c-model.partial")], found);
        Assert.Equal(5, sizeBytes);
        Assert.Equal(["a-model", "b-model", "thesis"], Names());
    }

    [Theory]
    [InlineData("thesis", "is no model's folder, and is left alone")]
    [InlineData("nothing", "There is no model \"nothing\"")]
    [InlineData("link", "is a link to")]
    public void Remove_SomethingElse_IsLeftAlone(string name, string message)
    {
        using var elsewhere = TemporaryFolder.CopyOf("router-nano");
        Directory.CreateSymbolicLink(_parent.File("link"), elsewhere.Path);

        var fault = Assert.Throws<HubException>(() => _folders.Remove(name));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(["a-model", "b-model", "c-model.partial", "link", "thesis"], Names());
        Assert.True(File.Exists(elsewhere.File("model.onnx")));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a-model/../b-model")]
    [InlineData("/a-model")]
    [InlineData("c-model.partial")]
    public void Remove_NoName_IsRefused(string name)
    {
        Assert.Throws<ArgumentException>(() => _folders.Remove(name));

        Assert.Equal(["a-model", "b-model", "c-model.partial", "thesis"], Names());
    }

    [Fact]
    public void Remove_ALinkInsideAModel_IsNotFollowed()
    {
        using var elsewhere = TemporaryFolder.CopyOf("router-nano");
        Directory.CreateSymbolicLink(_parent.File("a-model/link"), elsewhere.Path);

        _folders.Remove("a-model");

        Assert.False(Directory.Exists(_parent.File("a-model")));
        Assert.True(File.Exists(elsewhere.File("model.onnx")));
    }

    [Fact]
    public void Remove_WhileItIsPulled_IsRefused()
    {
        using (FolderLock.Take(_parent.File("a-model")))
        {
            Assert.Contains("by another process", Assert.Throws<HubException>(() => _folders.Remove("a-model")).Message, StringComparison.Ordinal);
        }

        Assert.True(Directory.Exists(_parent.File("a-model")));
    }

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_parent.Path).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
