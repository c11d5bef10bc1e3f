using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes;

public sealed class RouteTableLoaderTests
{
    [Theory]
    [InlineData("{ \"hasImages\": true }", true, false)]
    [InlineData("{ \"hasTools\": true, \"hasImages\": false }", false, true)]
    [InlineData("{ \"hasTools\": null }", false, false)]
    public void Load_RulesOfProperties_AreRead(string rules, bool hasImages, bool hasTools)
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", $"\"rules\": {rules}", StringComparison.Ordinal));

        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        Assert.Equal((hasImages, hasTools, !hasImages && !hasTools), (table.Routes[0].Rules.HasImages, table.Routes[0].Rules.HasTools, table.Routes[0].Rules.IsEmpty));
    }

    [Theory]
    [InlineData("{ \"hasImages\": 1 }", "rules.hasImages: must be true or false")]
    [InlineData("{ \"hasImage\": true }", "did you mean \"hasImages\"?")]
    public void Load_BadRuleOfAProperty_IsAFault(string rules, string fault)
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", $"\"rules\": {rules}", StringComparison.Ordinal));

        var result = RouteTableLoader.Load(folder.RoutesFile);

        Assert.Contains(fault, Assert.Single(result.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MinimalFile_FillsDefaultsIn()
    {
        using var folder = new RoutesFolder();

        var table = RouteTableLoader.Load(folder.RoutesFile).Table;

        Assert.NotNull(table);
        Assert.Equal("general", table.DefaultRoute.Id);
        Assert.Equal(TimeSpan.FromMilliseconds(250), table.Settings.Deadline);
        Assert.Equal((0.5, 0.1), (table.Settings.MinConfidence, table.Settings.MinMargin));
        Assert.Equal(("auto", TextScope.LastUser), (table.Settings.Device, table.Settings.Text));
        Assert.Equal(Path.Combine(folder.Root, "models", "nano"), table.Settings.ClassifierFolder);
        var coding = table.ClustersById["coding"];
        Assert.Equal(new EmbeddedModel { ModelFolder = Path.Combine(folder.Root, "models", "sample"), KvCache = "auto", Device = "auto" }, coding.Embedded);
        Assert.Equal(("sample", "PowerOfTwoChoices"), (coding.Model, coding.LoadBalancing));
        Assert.Equal(new ClusterTimeouts { Connect = TimeSpan.FromSeconds(2), FirstToken = TimeSpan.FromSeconds(60), Idle = TimeSpan.FromSeconds(30) }, coding.Timeouts);
        Assert.Null(table.ClustersById["chat"].Model);
        Assert.Equal(["general"], table.RoutesById["coding"].Fallbacks);
        Assert.Equal([folder.RoutesFile], table.SourceFiles);
    }

    [Fact]
    public void Load_EveryKey_ReadsIt()
    {
        using var folder = new RoutesFolder("""
            // a comment
            {
              "$schema": "./routes.schema.json",
              "router": { "classifier": null, "device": "cpu", "deadline": "1.5s", "minConfidence": 0.25, "minMargin": 0, "defaultRoute": "a.b_c-1", "text": "window" },
              "clusters": { /* another */
                "gpu": {
                  "engine": "vllm", "model": "big", "destinations": { "gpu-0": "http://gpu-0:8000/", "gpu-1": "https://gpu-1/v1", },
                  "kvCache": "int8_per_token_head", "contextTokens": 262144, "loadBalancing": "RoundRobin",
                  "credentials": { "env": "GPU_KEY" }, "timeouts": { "connect": "500ms", "firstToken": "2m", "idle": "1h" }
                },
                "own": { "embedded": { "model": "models/sample", "kvCache": "int8", "device": "cuda", "maxSequences": 4, "maxQueue": 9, "queueTimeout": "5s", "kvPoolBytes": 5000000000 }, "model": "mine", "credentials": { "file": "secret.txt" } }
              },
              "routes": [
                { "id": "a.b_c-1", "description": "D", "cluster": "gpu", "model": "m", "examples": ["one"], "examplesFile": "more.txt", "counterExamples": ["not"],
                  "rules": { "keywords": ["k"], "regex": ["^r+$", "(?<=a)b"] }, "fallbacks": [], "minConfidence": 0.75 },
              ],
            }
            """);
        var more = folder.AddFile("more.txt", "# comment\n\ntwo\r\n  three \none\n");

        var result = RouteTableLoader.Load(folder.RoutesFile);

        Assert.Empty(result.Faults);
        var table = result.Table!;
        Assert.Null(table.Settings.ClassifierFolder);
        Assert.Equal(TimeSpan.FromSeconds(1.5), table.Settings.Deadline);
        Assert.Equal(TextScope.Window, table.Settings.Text);
        var gpu = table.ClustersById["gpu"];
        Assert.Equal(new Uri("https://gpu-1/v1"), gpu.Destinations["gpu-1"]);
        Assert.Equal(("vllm", "big", "int8_per_token_head", 262144, "RoundRobin"), (gpu.Engine, gpu.Model, gpu.KvCache, gpu.ContextTokens, gpu.LoadBalancing));
        Assert.Equal("GPU_KEY", gpu.Credentials!.EnvironmentVariable);
        Assert.Equal((TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(2), TimeSpan.FromHours(1)), (gpu.Timeouts.Connect, gpu.Timeouts.FirstToken, gpu.Timeouts.Idle));
        var own = table.ClustersById["own"];
        Assert.Equal(("mine", "int8", "cuda", 4), (own.Model, own.Embedded!.KvCache, own.Embedded.Device, own.Embedded.MaxSequences));
        Assert.Equal((9, TimeSpan.FromSeconds(5), 5_000_000_000L), (own.Embedded.MaxQueue, own.Embedded.QueueTimeout, own.Embedded.KvPoolBytes));
        Assert.Equal(Path.Combine(folder.Root, "secret.txt"), own.Credentials!.SecretFile);
        var route = Assert.Single(table.Routes);
        Assert.Equal(["one", "two", "three"], route.Examples);
        Assert.Equal(["not"], route.CounterExamples);
        Assert.Equal(["^r+$", "(?<=a)b"], route.Rules.Patterns.Select(static p => p.ToString()));
        Assert.Equal(("m", 0.75), (route.Model, route.MinConfidence));
        Assert.Equal([folder.RoutesFile, more], table.SourceFiles);
    }

    [Fact]
    public void Load_ManyFaults_ReportsAllWithTheirPlaces()
    {
        using var folder = new RoutesFolder("""
            {
              "router": { "classifier": "models/none", "deadline": "250", "minConfidence": 2, "defaultRoute": "genral", "devise": "cpu" },
              "clusters": {
                "coding": { "embedded": { "model": "models/sample", "kvCache": "int9" } },
                "auto": { "destinations": { "a": "gpu-0:8000" }, "contextTokens": 1.5 },
                "Empty": { }
              },
              "routes": [
                { "id": "coding", "description": "Code", "cluster": "codign", "examples": [], "rules": { "regex": ["("] } },
                { "id": "coding", "description": "", "cluster": "coding", "examples": ["x", 5], "fallbacks": ["coding", "fast"], "exampels": [] },
                { "id": "Router!", "cluster": "coding", "examples": ["x"], "examplesFile": "none.txt" },
                7
              ],
              "extra": {},
              "tools": {
                "declared": {
                  "a b": { "http": { "url": "ftp://x", "headers": { "Host": "x", "Authorization": { "secret": "weahter" } } }, "visibility": "shared" },
                  "c": { "mcp": { "server": "gone", "tool": "t" }, "parmeters": {} }
                },
                "secrets": { "weather": { "env": "KEY", "hosts": ["no host"] } },
                "mcpServers": { "a__b": { "url": "http://x/mcp", "args": ["x"] }, "stdio": { } },
                "network": { "ports": [0], "allow": ["10.0.0.0/8", "?"] },
                "allow": ["weather*", "no name"]
              }
            }
            """);

        var faults = RouteTableLoader.Load(folder.RoutesFile).Faults.Select(static f => f.ToString()).ToArray();

        string[] expected =
        [
            $"routes.json:2:29: router.classifier: folder \"models/none\" does not exist (looked for {Path.Combine(folder.Root, "models", "none")})",
            "routes.json:2:56: router.deadline: must be a duration above zero with a unit, as in \"250ms\", \"30s\", \"5m\" or \"1h\"",
            "routes.json:2:80: router.minConfidence: must be from 0 to 1",
            "routes.json:2:99: router.defaultRoute: \"genral\" is not defined; there is \"coding\", \"Router!\"",
            "routes.json:2:109: router.devise: unknown key \"devise\"; did you mean \"device\"?",
            "routes.json:4:68: clusters.coding.embedded.kvCache: \"int9\" is not known; did you mean \"int4\"?",
            "routes.json:5:13: clusters.auto: \"auto\" is reserved: callers write it to be classified",
            "routes.json:5:38: clusters.auto.destinations.a: must be an address such as \"http://gpu-0:8000/\"",
            "routes.json:5:71: clusters.auto.contextTokens: must be a whole number",
            "routes.json:6:14: clusters[\"Empty\"]: \"Empty\" must be lower-case letters, digits, dot, dash and underscore, and start with a letter or digit",
            "routes.json:6:14: clusters[\"Empty\"]: needs either \"embedded\" or \"destinations\"",
            "routes.json:9:57: routes[0].cluster: \"codign\" is not defined; did you mean \"coding\"?",
            "routes.json:9:79: routes[0].examples: are missing: give some here or in \"examplesFile\"",
            "routes.json:9:104: routes[0].rules.regex[0]: is not a regular expression: Invalid pattern '(' at offset 1. Not enough )'s.",
            "routes.json:10:13: routes[1].id: \"coding\" is the id of routes[0] already",
            "routes.json:10:38: routes[1].description: must not be empty",
            "routes.json:10:81: routes[1].examples[1]: must be a string",
            "routes.json:10:99: routes[1].fallbacks[0]: is the route itself",
            "routes.json:10:109: routes[1].fallbacks[1]: \"fast\" is not defined; there is \"coding\", \"Router!\"",
            "routes.json:10:118: routes[1].exampels: unknown key \"exampels\"; did you mean \"examples\"?",
            "routes.json:11:5: routes[2].description: is missing",
            "routes.json:11:13: routes[2].id: \"Router!\" must be lower-case letters, digits, dot, dash and underscore, and start with a letter or digit",
            "routes.json:11:58: routes[2].examples[0]: is an example of routes[1] already",
            "routes.json:11:80: routes[2].examplesFile: file \"none.txt\" cannot be read: it does not exist",
            "routes.json:12:5: routes[3]: must be an object: { … }",
            "routes.json:14:3: extra: unknown key \"extra\"; there is \"$schema\", \"router\", \"decisions\", \"clusters\", \"tools\", \"routes\"",
            "routes.json:17:14: tools.declared[\"a b\"].name: must be 1 to 64 letters, digits, _ and -; it is \"a b\"",
            "routes.json:17:33: tools.declared[\"a b\"].http.url: must be an address such as \"https://api.example.com/weather\"",
            "routes.json:17:65: tools.declared[\"a b\"].http.headers[\"Host\"]: is set by the gateway",
            "routes.json:18:69: tools.declared.c.parmeters: unknown key \"parmeters\"; did you mean \"parameters\"?",
            "routes.json:20:55: tools.secrets.weather.hosts[0]: must be a host name such as \"api.example.com\"",
            "routes.json:21:29: tools.mcpServers.a__b: must be 1 to 32 letters, digits, - and single _: the names of its tools begin with it",
            "routes.json:21:62: tools.mcpServers.a__b.args: belongs to \"command\"",
            "routes.json:21:80: tools.mcpServers.stdio: needs either \"url\" or \"command\"",
            "routes.json:22:28: tools.network.ports[0]: must be from 1 to 65535",
            "routes.json:22:56: tools.network.allow[1]: must be a host name, an address, or a network such as \"10.1.2.0/24\"",
            "routes.json:23:27: tools.allow[1]: must be the name of a tool: letters, digits, _ and -, perhaps with a * at its end",
        ];
        Assert.Equal(string.Join('\n', expected), string.Join('\n', faults));
    }

    [Theory]
    [InlineData("", "routes.json:1:1: is empty")]
    [InlineData("  \n\t", "routes.json:1:1: is empty")]
    [InlineData("null", "routes.json:1:1: must be an object: { … }")]
    [InlineData("[]", "routes.json:1:1: must be an object: { … }")]
    [InlineData("{}", "routes.json:1:1: router: is missing")]
    [InlineData("{\n  \"routes\": [\n", "routes.json:3:1: is not JSON: ")]
    [InlineData("{ \"routes\": 1, \"routes\": 2 }", "routes.json:1:13: routes: must be a list: [ … ]")]
    [InlineData("{ \"é\" \"x\" }", "routes.json:1:7: is not JSON: ")]
    [InlineData("{} {}", "routes.json:1:4: is not JSON: ")]
    [InlineData("\uFEFF{ \"é\": 1 }", "routes.json:1:1: router: is missing")]
    [InlineData("[\"\\udc00\"]", "routes.json:1:2: holds half of a surrogate pair")]
    public void Load_NotARoutesFile_SaysWhatAndWhere(string text, string fault)
    {
        using var folder = new RoutesFolder(text);

        var result = RouteTableLoader.Load(folder.RoutesFile);

        Assert.False(result.IsValid);
        Assert.Contains(result.Faults, f => f.ToString().StartsWith(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_DuplicateKey_NamesIt()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"description\": \"Chat\"", "\"description\": \"Chat\", \"description\": \"Talk\"", StringComparison.Ordinal));

        var fault = Assert.Single(RouteTableLoader.Load(folder.RoutesFile).Faults);

        Assert.Equal("routes.json:9:47: routes[1].description: key \"description\" appears twice", fault.ToString());
    }

    [Fact]
    public void Load_MissingFileOrFolder_SaysWhereItLooked()
    {
        using var folder = new RoutesFolder();

        var missing = Assert.Single(RouteTableLoader.Load(Path.Combine(folder.Root, "none.json")).Faults);
        var isFolder = Assert.Single(RouteTableLoader.Load(folder.Root).Faults);

        Assert.Equal($"none.json: cannot be read: it does not exist (looked for {Path.Combine(folder.Root, "none.json")})", missing.ToString());
        Assert.Contains("cannot be read", isFolder.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/nano/model.onnx", "router.classifier: folder \"models/nano\" has no model.onnx")]
    [InlineData("models/nano/tokenizer.json", "router.classifier: folder \"models/nano\" has no tokenizer.json")]
    [InlineData("models/sample/model.onnx", "clusters.coding.embedded.model: folder \"models/sample\" has no model.onnx")]
    [InlineData("models/sample/genai_config.json", "clusters.coding.embedded.model: folder \"models/sample\" has no genai_config.json, nor config.json")]
    public void Load_IncompleteModelFolder_NamesFolderAndFile(string file, string fault)
    {
        using var folder = new RoutesFolder();
        File.Delete(Path.Combine(folder.Root, file));

        var faults = RouteTableLoader.Load(folder.RoutesFile).Faults;

        Assert.Contains(fault, Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ScorerOfTwoGraphsWhoseConfigNamesAnother_IsTaken()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"defaultRoute\"", "\"scorer\": \"models/pair\", \"defaultRoute\"", StringComparison.Ordinal));
        folder.AddFile("models/pair/tokenizer.json", "{}");
        folder.AddFile("models/pair/genai_config.json", """{ "model": { "decoder": { "filename": "model.onnx" } } }""");
        folder.AddFile("models/pair/onnx/embed_tokens_q4.onnx", "");
        var before = RouteTableLoader.Load(folder.RoutesFile).Faults;
        folder.AddFile("models/pair/onnx/decoder_model_merged_q4.onnx", "");

        var after = RouteTableLoader.Load(folder.RoutesFile).Faults;

        Assert.Contains("folder \"models/pair\" has no model.onnx", Assert.Single(before).ToString(), StringComparison.Ordinal);
        Assert.Empty(after);
    }

    [Fact]
    public void Load_ExamplesFileWithFault_NamesThatFile()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"examples\": [\"Hello\", \"How are you?\"]", "\"examplesFile\": \"more.txt\"", StringComparison.Ordinal));
        File.WriteAllBytes(folder.AddFile("more.txt", ""), [(byte)'a', (byte)'\n', 0xFF, (byte)'\n']);

        var notText = Assert.Single(RouteTableLoader.Load(folder.RoutesFile).Faults);
        folder.AddFile("more.txt", "# nothing\n");
        var nothing = Assert.Single(RouteTableLoader.Load(folder.RoutesFile).Faults);

        Assert.Equal("more.txt:2:1: routes[1].examplesFile: is not UTF-8 text", notText.ToString());
        Assert.EndsWith("routes[1].examplesFile: file \"more.txt\" holds no example", nothing.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TheRepositorysFile_HasTheSevenRoutes()
    {
        Assert.SkipUnless(Directory.Exists(Repository.PathOf("models", "router-nano")), "models/ is not in this checkout");

        var result = RouteTableLoader.Load(Repository.PathOf("routes.json"));

        Assert.Empty(result.Faults);
        Assert.Equal(["coding", "extraction", "general", "reasoning", "tools", "translation", "writing"], result.Table!.RoutesById.Keys.Order());
        Assert.Equal("general", result.Table.DefaultRoute.Id);
        Assert.All(result.Table.Routes, static r => Assert.InRange(r.Examples.Length, 15, 60));
    }
}
