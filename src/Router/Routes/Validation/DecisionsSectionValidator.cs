using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks the section <c>decisions</c>; whether the server is there is seen when it is used.</summary>
internal sealed class DecisionsSectionValidator : SectionValidator<DecisionsSection>
{
    public DecisionsSectionValidator()
    {
        RuleFor(decisions => decisions.RedisCredentials!).SetValidator(new CredentialsSectionValidator());
        RuleFor(decisions => decisions.Redis).Custom(static (address, context) =>
        {
            if (!string.IsNullOrWhiteSpace(address) && !RedisAddress.TryParse(address, out _, out var fault))
            {
                context.AddFailure(fault);
            }
        });
    }
}
