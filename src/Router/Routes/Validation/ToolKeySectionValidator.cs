using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks what holds for a key.</summary>
internal sealed class ToolKeySectionValidator : SectionValidator<ToolKeySection>
{
    public ToolKeySectionValidator()
    {
        RuleFor(key => key.Key!).SetValidator(new CredentialsSectionValidator());
        RuleForEach(key => key.Allow).Must(ToolsSectionValidator.IsPattern).WithMessage(ToolsSectionValidator.PatternFault);
        RuleForEach(key => key.Deny).Must(ToolsSectionValidator.IsPattern).WithMessage(ToolsSectionValidator.PatternFault);
    }
}
