using System.Collections.Immutable;
using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;
using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks the section <c>tools</c>.</summary>
internal sealed class ToolsSectionValidator : SectionValidator<ToolsSection>
{
    public const string PatternFault = "must be the name of a tool: letters, digits, _ and -, perhaps with a * at its end";

    private static readonly string[] _notForFiles = ["visibility", "leaseTtl"];

    public ToolsSectionValidator()
    {
        RuleFor(tools => tools.Network!).SetValidator(new ToolNetworkSectionValidator());
        RuleForEach(tools => tools.Keys as IEnumerable<ToolKeySection>).SetValidator(new ToolKeySectionValidator());
        RuleForEach(tools => tools.Allow).Must(IsPattern).WithMessage(PatternFault);
        RuleForEach(tools => tools.Deny).Must(IsPattern).WithMessage(PatternFault);
        RuleFor(tools => tools.Secrets).Custom(static (secrets, context) => CheckEach("tools.secrets", secrets, new ToolSecretSectionValidator(), context));
        RuleFor(tools => tools.McpServers).Custom(static (servers, context) =>
        {
            CheckEach("tools.mcpServers", servers, new McpServerSectionValidator(), context);
            foreach (var id in (servers?.Keys ?? []).Where(static id => !ToolDefinition.IsName(id) || id.Contains("__", StringComparison.Ordinal) || id.Length > 32))
            {
                context.AddFailure(new ValidationFailure(FaultPath.Member("tools.mcpServers", id), "must be 1 to 32 letters, digits, - and single _: the names of its tools begin with it"));
            }
        });
        RuleFor(tools => tools).Custom(CheckDeclared);
        RuleFor(tools => tools).Custom(CheckHeaders);
    }

    public static bool IsText(string? text) => !string.IsNullOrWhiteSpace(text);

    public static bool IsPattern(string? pattern) => pattern is "*" || (pattern is not null && ToolDefinition.IsName(pattern.EndsWith('*') ? pattern[..^1] : pattern));

    private static void CheckEach<TSection>(string path, IReadOnlyDictionary<string, TSection?>? sections, SectionValidator<TSection> validator, ValidationContext<ToolsSection> context)
        where TSection : class
    {
        foreach (var (name, section) in sections ?? new Dictionary<string, TSection?>())
        {
            var place = FaultPath.Member(path, name);
            if (section is null)
            {
                context.AddFailure(new ValidationFailure(place, "must be an object: { … }"));
            }

            foreach (var failure in section is null ? [] : validator.Validate(section).Errors)
            {
                context.AddFailure(new ValidationFailure(failure.PropertyName.Length == 0 ? place : $"{place}.{FaultPath.FromProperty(failure.PropertyName)}", failure.ErrorMessage));
            }
        }
    }

    private static void CheckDeclared(ToolsSection tools, ValidationContext<ToolsSection> context)
    {
        foreach (var (name, json) in tools.Declared ?? new Dictionary<string, JsonElement>())
        {
            var place = FaultPath.Member("tools.declared", name);
            var (definition, faults) = ToolDefinitionReader.Read(json, name);
            foreach (var fault in faults)
            {
                context.AddFailure(new ValidationFailure(fault.Path.Length == 0 ? place : $"{place}.{fault.Path}", fault.Message));
            }

            foreach (var member in definition is null ? [] : _notForFiles.Where(member => json.TryGetProperty(member, out _)))
            {
                context.AddFailure(new ValidationFailure($"{place}.{member}", "does not belong into the file: what it declares is for all, and stays"));
            }

            if (definition?.Target is McpTarget { Server: var server } && tools.McpServers?.ContainsKey(server) != true)
            {
                context.AddFailure(new ValidationFailure($"{place}.mcp.server", $"\"{FaultPath.Printable(server)}\" is not defined{Spelling.Hint(server, [.. tools.McpServers?.Keys ?? []])}"));
            }

            foreach (var (header, value) in definition?.Target is HttpTarget http ? http.Headers : ImmutableSortedDictionary<string, ToolHeader>.Empty)
            {
                RequireSecret(tools, value.Secret, FaultPath.Member($"{place}.http.headers", header) + ".secret", context);
            }
        }
    }

    private static void CheckHeaders(ToolsSection tools, ValidationContext<ToolsSection> context)
    {
        foreach (var (id, server) in tools.McpServers ?? new Dictionary<string, McpServerSection?>())
        {
            foreach (var (header, value) in server?.Headers ?? new Dictionary<string, McpHeaderSection?>())
            {
                RequireSecret(tools, value?.Secret, FaultPath.Member(FaultPath.Member("tools.mcpServers", id) + ".headers", header) + ".secret", context);
            }
        }
    }

    private static void RequireSecret(ToolsSection tools, string? secret, string path, ValidationContext<ToolsSection> context)
    {
        if (secret is not null && tools.Secrets?.ContainsKey(secret) != true)
        {
            context.AddFailure(new ValidationFailure(path, $"\"{FaultPath.Printable(secret)}\" is not defined in tools.secrets{Spelling.Hint(secret, [.. tools.Secrets?.Keys ?? []])}"));
        }
    }
}
