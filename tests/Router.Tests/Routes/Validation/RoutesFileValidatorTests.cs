using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes.Validation;

public sealed class RoutesFileValidatorTests
{
    private const string Chat = """{ "destinations": { "a": "http://a:8000/" } }""";

    [Theory]
    [InlineData(Chat, "{ }", "clusters.chat: needs either \"embedded\" or \"destinations\"")]
    [InlineData(Chat, """{ "destinations": { } }""", "clusters.chat.destinations: must not be empty")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "embedded": { "model": "models/sample" } }""", "clusters.chat: needs either")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample" }, "kvCache": "int8" }""", "clusters.chat.kvCache: belongs inside \"embedded\"")]
    [InlineData(Chat, """{ "embedded": { } }""", "clusters.chat.embedded.model: is missing")]
    [InlineData(Chat, """{ "embedded": { "model": " " } }""", "clusters.chat.embedded.model: must not be empty")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample", "maxSequences": 0 } }""", "clusters.chat.embedded.maxSequences: must be from 1 to 1024")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample", "maxSequences": 1025 } }""", "clusters.chat.embedded.maxSequences: must be from 1 to 1024")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample", "maxQueue": 1048577 } }""", "clusters.chat.embedded.maxQueue: must be from 0 to 1048576")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample", "queueTimeout": "24.1h" } }""", "clusters.chat.embedded.queueTimeout: must be at most 24h")]
    [InlineData(Chat, """{ "embedded": { "model": "models/sample", "queueTimeout": "0s" } }""", "clusters.chat.embedded.queueTimeout: must be a duration above zero")]
    [InlineData(Chat, """{ "destinations": { "a": "ftp://a/" } }""", "clusters.chat.destinations.a: must be an address")]
    [InlineData(Chat, """{ "destinations": { "a": null } }""", "clusters.chat.destinations.a: must be an address")]
    [InlineData(Chat, """{ "destinations": { "a": "http://me:secret@a/" } }""", "clusters.chat.destinations.a: must not hold a user")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "credentials": { } }""", "clusters.chat.credentials: needs either \"env\" or \"file\"")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "credentials": { "env": "A", "file": "b" } }""", "clusters.chat.credentials: needs either \"env\" or \"file\"")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "timeouts": { "idle": "0s" } }""", "clusters.chat.timeouts.idle: must be a duration above zero")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "timeouts": { "firstTokn": "1s" } }""", "clusters.chat.timeouts.firstTokn: unknown key \"firstTokn\"; did you mean \"firstToken\"?")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "loadBalancing": "roundrobin" }""", "clusters.chat.loadBalancing: \"roundrobin\" is not known; did you mean \"RoundRobin\"?")]
    [InlineData(Chat, """{ "destinations": { "a": "http://a/" }, "contextTokens": 0 }""", "clusters.chat.contextTokens: must be at least 1")]
    [InlineData("\"id\": \"coding\"", "\"id\": \"auto\"", "routes[0].id: \"auto\" is reserved")]
    [InlineData("\"id\": \"coding\"", "\"id\": \"-x\"", "routes[0].id: \"-x\" must be lower-case letters")]
    [InlineData("\"id\": \"coding\"", "\"id\": \"\"", "routes[0].id: must not be empty")]
    [InlineData("[\"general\"]", "[\"general\", \"general\"]", "routes[0].fallbacks[1]: is listed twice")]
    [InlineData("[\"general\"]", "[\"\"]", "routes[0].fallbacks[0]: must not be empty")]
    [InlineData("[\"general\"]", "[null]", "routes[0].fallbacks[0]: must not be empty")]
    [InlineData("\"Write a loop\"", "\" \"", "routes[0].examples[0]: must not be empty")]
    [InlineData("\"cluster\": \"coding\"", "\"cluster\": null", "routes[0].cluster: is missing")]
    [InlineData("\"cluster\": \"coding\"", "\"cluster\": \"coding\", \"minConfidence\": -0.1", "routes[0].minConfidence: must be from 0 to 1")]
    [InlineData("\"cluster\": \"coding\"", "\"cluster\": \"coding\", \"rules\": { \"keywords\": [\"\"], \"regex\": [] }", "routes[0].rules.keywords[0]: must not be empty")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"device\": \"gpu\"", "router.device: \"gpu\" is not known; did you mean \"cpu\"?")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"minMargin\": \"0.1\"", "router.minMargin: must be a number")]
    [InlineData("\"models/nano\"", "\"\"", "router.classifier: must be the path of a folder")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorer\": \"\"", "router.scorer: must be the path of a folder")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorer\": \"models/none\"", "router.scorer: folder \"models/none\" does not exist")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorer\": \"models\"", "router.scorer: folder \"models\" has no tokenizer.json")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorerDebias\": 1", "router.scorerDebias: must be true or false")]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorrer\": null", "router.scorrer: unknown key \"scorrer\"; did you mean \"scorer\"?")]
    public void Validate_OneSlip_IsOneFault(string from, string to, string fault)
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace(from, to, StringComparison.Ordinal));

        var faults = RouteTableLoader.Load(folder.RoutesFile).Faults;

        var (place, text) = (Assert.Single(faults).ToString().Split(": ", 2)[0], faults[0].ToString().Split(": ", 2)[1]);
        Assert.StartsWith(fault, text, StringComparison.Ordinal);
        Assert.Matches("^routes\\.json:[1-9][0-9]*:[1-9][0-9]*$", place);
    }
}
