using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks where a secret is said to be; whether it is there is seen when it is used.</summary>
internal sealed class CredentialsSectionValidator : SectionValidator<CredentialsSection>
{
    public CredentialsSectionValidator()
    {
        RuleFor(credentials => credentials).Custom(static (credentials, context) =>
        {
            if (credentials.Env is null == credentials.File is null)
            {
                context.AddFailure(new ValidationFailure(context.PropertyPath, "needs either \"env\" or \"file\""));
            }
        });
    }
}
