using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;
using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks one MCP server.</summary>
internal sealed class McpServerSectionValidator : SectionValidator<McpServerSection>
{
    public McpServerSectionValidator()
    {
        RuleForEach(server => server.Allow).Must(ToolsSectionValidator.IsText).WithMessage("must not be empty");
        RuleForEach(server => server.Deny).Must(ToolsSectionValidator.IsText).WithMessage("must not be empty");
        RuleForEach(server => server.Args).NotNull().WithMessage("must be a string");
        RuleFor(server => server).Custom(static (server, context) =>
        {
            if (server.Url is null == server.Command is null)
            {
                context.AddFailure(new ValidationFailure("", "needs either \"url\" or \"command\""));
                return;
            }

            var foreign = server.Url is null
                ? (server.Headers is null ? null : "Headers")
                : server.Args is not null ? "Args" : server.Env is not null ? "Env" : server.Folder is not null ? "Folder" : null;
            if (foreign is not null)
            {
                context.AddFailure(foreign, $"belongs to \"{(server.Url is null ? "url" : "command")}\"");
            }
        });
        RuleFor(server => server.Url).Must(static url => url is null || HttpTargetCheck.UrlFault(url) is null).WithMessage("must be an address such as \"https://mcp.example.com/mcp\", without user and fragment");
        RuleFor(server => server.Headers).Custom(static (headers, context) =>
        {
            foreach (var (name, header) in headers ?? new Dictionary<string, McpHeaderSection?>())
            {
                if (HttpTargetCheck.HeaderFault(name) is { } fault)
                {
                    context.AddFailure(new ValidationFailure(FaultPath.Member("headers", name), fault));
                }
                else if (header?.Value is null == header?.Secret is null)
                {
                    context.AddFailure(new ValidationFailure(FaultPath.Member("headers", name), "needs either \"value\" or \"secret\""));
                }
            }
        });
        RuleFor(server => server.Env).Custom(static (variables, context) =>
        {
            foreach (var (name, value) in variables ?? new Dictionary<string, CredentialsSection?>())
            {
                if (value is null || value.Env is null == value.File is null)
                {
                    context.AddFailure(new ValidationFailure(FaultPath.Member("env", name), "needs either \"env\" or \"file\""));
                }
            }
        });
    }
}
