using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.OpenApi;
using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Api;

/// <summary>/v1/tools: agents register tools, keep them alive, look for them and call them.</summary>
/// <remarks>The owner of a tool is the key that registered it. Callers see their own tools and shared ones; others do not exist for them.</remarks>
internal static class ToolEndpoints
{
    private const int DefaultTop = 8;
    private const int MostTop = 128;
    private const int LongestQuery = 65_536;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var tools = endpoints.MapGroup("/v1/tools");
        tools.MapGet("", ListAsync);
        tools.MapPost("", (HttpContext context, [AsParameters] Services services) => RegisterAsync(context, services, name: null));
        tools.MapGet("/{name}", GetAsync);
        tools.MapPut("/{name}", (HttpContext context, [AsParameters] Services services, string name) => RegisterAsync(context, services, name));
        tools.MapDelete("/{name}", RemoveAsync);
        tools.MapPost("/heartbeat", (HttpContext context, [AsParameters] Services services) => RenewAsync(context, services, name: null));
        tools.MapPost("/{name}/heartbeat", (HttpContext context, [AsParameters] Services services, string name) => RenewAsync(context, services, name));
        tools.MapPost("/search", SearchAsync);
        tools.MapPost("/{name}/call", CallAsync);
        tools.MapPost("/import", ImportAsync);
        tools.MapGet("/openapi.json", ExportAsync);
    }

    private static Task ListAsync(HttpContext context, [AsParameters] Services services)
    {
        var access = services.Policy.AccessOf(context.Request.Headers);
        var leases = services.Leases(access.Owner);
        return JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray("tools"u8);
            foreach (var tool in services.Registry.Current.For(access.Owner).Tools.Where(access.Allows))
            {
                ToolJson.Write(json, tool, access.Owner, leases.GetValueOrDefault(tool));
            }

            json.WriteEndArray();
        });
    }

    private static async Task GetAsync(HttpContext context, [AsParameters] Services services, string name)
    {
        var access = services.Policy.AccessOf(context.Request.Headers);
        if (access.Find(services.Registry.Current, name) is not { } tool)
        {
            await ErrorWriter.WriteAsync(context, ToolNotFound.Failure(name, access, services.Registry.Current));
            return;
        }

        await WriteOneAsync(context, tool, access.Owner, services.Leases(access.Owner).GetValueOrDefault(tool));
    }

    private static async Task RegisterAsync(HttpContext context, [AsParameters] Services services, string? name)
    {
        var (document, failure) = await ReadAsync(context, services);
        using (document)
        {
            ToolRegistrationRequest? request = null;
            if (document is not null)
            {
                (request, failure) = ToolRegistrationRequest.Read(document.RootElement, name, services.Monitor.Current.Tools);
            }

            if (request is null)
            {
                await ErrorWriter.WriteAsync(context, failure!);
                return;
            }

            var owner = Caller.TenantOf(context.Request.Headers);
            if (await RegisterAsync(context, services, owner, request.Definitions) is { } registered)
            {
                await (request.IsBatch ? WriteListAsync(context, registered, owner, skipped: null) : WriteOneAsync(context, registered[0].Tool, owner, registered[0].LeaseUntil));
            }
        }
    }

    private static async Task ImportAsync(HttpContext context, [AsParameters] Services services)
    {
        var (document, failure) = await ReadAsync(context, services);
        using (document)
        {
            ToolImportRequest? request = null;
            if (document is not null)
            {
                (request, failure) = ToolImportRequest.Read(document.RootElement, services.Monitor.Current.Tools);
            }

            if (request is null)
            {
                await ErrorWriter.WriteAsync(context, failure!);
                return;
            }

            var owner = Caller.TenantOf(context.Request.Headers);
            if (await RegisterAsync(context, services, owner, request.Definitions) is { } registered)
            {
                await WriteListAsync(context, registered, owner, request.Skipped);
            }
        }
    }

    private static async ValueTask<(JsonDocument? Document, GatewayFailure? Failure)> ReadAsync(HttpContext context, Services services)
    {
        var (document, failure) = await JsonBody.ReadAsync(context, services.Options.Value.MaxRequestBytes);
        if (document is null || Surrogates.ArePaired(JsonMarshal.GetRawUtf8Value(document.RootElement)))
        {
            return (document, failure);
        }

        document.Dispose();
        return (null, new GatewayFailure(GatewayError.InvalidRequest, $"The request body holds {Surrogates.Fault}."));
    }

    /// <returns><c>null</c> when the owner would have too many; that is answered then.</returns>
    private static async Task<IReadOnlyList<Registration>?> RegisterAsync(HttpContext context, Services services, string owner, IReadOnlyList<ToolDefinition> definitions)
    {
        var registered = await services.Registrations.RegisterAsync(owner, definitions, context.RequestAborted);
        if (registered is null)
        {
            var most = services.Monitor.Current.Tools.MaxToolsPerKey;
            await ErrorWriter.WriteAsync(context, new GatewayFailure(GatewayError.TooManyTools, $"This key would have more than {most} tools (tools.maxToolsPerKey in routes.json). Remove some with DELETE /v1/tools/{{name}}, or let their leases end."));
        }

        return registered;
    }

    private static async Task ExportAsync(HttpContext context, [AsParameters] Services services)
    {
        var access = services.Policy.AccessOf(context.Request.Headers);
        var tools = services.Registry.Current.For(access.Owner).Tools.Where(tool => tool.RunsHere && access.Allows(tool)).ToArray();
        var document = OpenApiExport.Write(tools, $"{context.Request.Scheme}://{context.Request.Host}");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }

    private static async Task RemoveAsync(HttpContext context, [AsParameters] Services services, string name)
    {
        var access = services.Policy.AccessOf(context.Request.Headers);
        if (await services.Registrations.RemoveAsync(access.Owner, name, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var failure = access.Find(services.Registry.Current, name) is null
            ? ToolNotFound.Failure(name, access, services.Registry.Current)
            : new GatewayFailure(GatewayError.Forbidden, $"The tool \"{name}\" was not registered with this key, so this key cannot remove it.");
        await ErrorWriter.WriteAsync(context, failure);
    }

    private static async Task RenewAsync(HttpContext context, [AsParameters] Services services, string? name)
    {
        var owner = Caller.TenantOf(context.Request.Headers);
        var renewed = await services.Registrations.RenewAsync(owner, name, context.RequestAborted);
        if (renewed.Count == 0)
        {
            await ErrorWriter.WriteAsync(context, new GatewayFailure(
                GatewayError.ToolNotFound, $"{(name is null ? "No tool is" : $"The tool \"{name}\" is not")} registered with this key, or not any more: its lease ended. Register again with POST /v1/tools."));
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray("tools"u8);
            foreach (var registration in renewed)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, registration.Tool.Name);
                json.WriteNumber("version"u8, registration.Tool.Version);
                json.WriteString("leaseUntil"u8, registration.LeaseUntil.UtcDateTime);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task SearchAsync(HttpContext context, [AsParameters] Services services)
    {
        var (document, failure) = await ReadAsync(context, services);
        using (document)
        {
            var search = document is null ? null : ReadSearch(document.RootElement, out failure);
            if (search is not var (query, top))
            {
                await ErrorWriter.WriteAsync(context, failure!);
                return;
            }

            var access = services.Policy.AccessOf(context.Request.Headers);
            var found = await services.Selector.SelectAsync(services.Monitor.Current, access.Owner, access.Query(query, top), context.RequestAborted);
            await JsonAnswer.WriteAsync(context, json =>
            {
                json.WriteStartArray("tools"u8);
                foreach (var (tool, score) in found)
                {
                    json.WriteStartObject();
                    json.WriteString("name"u8, tool.Name);
                    json.WriteString("description"u8, tool.Definition.Description);
                    json.WriteNumber("score"u8, Math.Round(score, 4));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
    }

    private static (string Query, int Top)? ReadSearch(JsonElement root, out GatewayFailure? failure)
    {
        failure = null;
        var top = DefaultTop;
        string? query = null;
        try
        {
            query = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("query"u8, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // half a surrogate pair: no text
        }

        if (query is not { Length: > 0 and <= LongestQuery })
        {
            failure = new GatewayFailure(GatewayError.InvalidRequest, $"\"query\" must be a text of 1 to {LongestQuery} characters, as in {{\"query\": \"weather in Paris\", \"top\": 5}}.", "query");
        }
        else if (root.TryGetProperty("top"u8, out var number) && !(number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out top) && top is >= 1 and <= MostTop))
        {
            failure = new GatewayFailure(GatewayError.InvalidRequest, $"\"top\" must be a whole number from 1 to {MostTop}.", "top");
        }

        return failure is null ? (query!, top) : null;
    }

    private static async Task CallAsync(HttpContext context, [AsParameters] Services services, string name)
    {
        var access = services.Policy.AccessOf(context.Request.Headers);
        if (access.Find(services.Registry.Current, name) is not { } tool)
        {
            await ErrorWriter.WriteAsync(context, ToolNotFound.Failure(name, access, services.Registry.Current));
            return;
        }

        if (!tool.RunsHere)
        {
            await ErrorWriter.WriteAsync(context, new GatewayFailure(GatewayError.InvalidRequest, $"The tool \"{tool.Name}\" is of type \"client\": who registered it runs it itself.", "type"));
            return;
        }

        var (body, failure) = await RequestBody.ReadAsync(context.Request, services.Options.Value.MaxRequestBytes, context.RequestAborted);
        using (body)
        {
            if (body is null)
            {
                await ErrorWriter.WriteAsync(context, failure!);
                return;
            }

            var call = new ToolCall($"call_{Guid.NewGuid():N}", tool, System.Text.Encoding.UTF8.GetString(body.Bytes.Span));
            var result = await services.Runner.RunAsync(call, progress: null, context.RequestAborted);
            await JsonAnswer.WriteAsync(context, json =>
            {
                json.WriteString("content"u8, string.Concat(result.Text.EnumerateRunes()));
                json.WriteBoolean("is_error"u8, result.IsError);
            });
        }
    }

    private static async Task WriteOneAsync(HttpContext context, RegisteredTool tool, string owner, DateTimeOffset? leaseUntil)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        ToolJson.Write(json, tool, owner, leaseUntil);
    }

    private static Task WriteListAsync(HttpContext context, IReadOnlyList<Registration> registered, string owner, IReadOnlyList<string>? skipped) => JsonAnswer.WriteAsync(context, json =>
    {
        json.WriteStartArray("tools"u8);
        foreach (var registration in registered)
        {
            ToolJson.Write(json, registration.Tool, owner, registration.LeaseUntil);
        }

        json.WriteEndArray();
        if (skipped is null)
        {
            return;
        }

        json.WriteStartArray("skipped"u8);
        foreach (var reason in skipped)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
    });

    /// <summary>What the endpoints work with.</summary>
    internal sealed record Services(
        ToolRegistry Registry, ToolRegistrations Registrations, ToolPolicy Policy, ToolSelector Selector, ToolRunner Runner, RouteTableMonitor Monitor, IOptions<GatewayOptions> Options)
    {
        /// <summary>Until when the tools of an owner stay.</summary>
        public Dictionary<RegisteredTool, DateTimeOffset?> Leases(string owner) =>
            Registry.Registrations(owner).ToDictionary(static registration => registration.Tool, static registration => (DateTimeOffset?)registration.LeaseUntil);
    }
}
