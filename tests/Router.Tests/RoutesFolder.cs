namespace RouterGateway.Router.Tests;

/// <summary>A folder with a routes file and model folders that look complete, deleted at the end.</summary>
internal sealed class RoutesFolder : IDisposable
{
    public const string Minimal = """
        {
          "router": { "classifier": "models/nano", "defaultRoute": "general" },
          "clusters": {
            "coding": { "embedded": { "model": "models/sample" } },
            "chat": { "destinations": { "a": "http://a:8000/" } }
          },
          "routes": [
            { "id": "coding", "description": "Code", "cluster": "coding", "examples": ["Write a loop", "Fix this bug"], "fallbacks": ["general"] },
            { "id": "general", "description": "Chat", "cluster": "chat", "examples": ["Hello", "How are you?"] }
          ]
        }
        """;

    public RoutesFolder(string routes = Minimal)
    {
        Directory.CreateDirectory(Root);
        AddFile("models/nano/config.json", "{}");
        AddFile("models/nano/tokenizer.json", "{}");
        AddFile("models/nano/model.onnx", "");
        AddFile("models/sample/genai_config.json", """{ "model": { "decoder": { "filename": "model.onnx" } } }""");
        AddFile("models/sample/tokenizer.json", "{}");
        AddFile("models/sample/model.onnx", "");
        Write(routes);
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "router-tests-" + Guid.NewGuid().ToString("N"));

    public string RoutesFile => Path.Combine(Root, "routes.json");

    public void Write(string routes) => File.WriteAllText(RoutesFile, routes);

    public string AddFile(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
