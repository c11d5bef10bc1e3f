using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks where a tool's secret is said to be, and who may see it.</summary>
internal sealed class ToolSecretSectionValidator : SectionValidator<ToolSecretSection>
{
    public ToolSecretSectionValidator()
    {
        RuleFor(secret => secret).Custom(static (secret, context) =>
        {
            if (secret.Env is null == secret.File is null)
            {
                context.AddFailure(new ValidationFailure(context.PropertyPath, "needs either \"env\" or \"file\""));
            }
        });
        RuleForEach(secret => secret.Hosts).Must(static host => Uri.CheckHostName(host ?? "") != UriHostNameType.Unknown)
            .WithMessage("must be a host name such as \"api.example.com\"");
    }
}
