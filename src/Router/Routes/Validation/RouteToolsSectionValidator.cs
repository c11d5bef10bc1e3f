using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks how a route uses tools.</summary>
internal sealed class RouteToolsSectionValidator : SectionValidator<RouteToolsSection>
{
    public RouteToolsSectionValidator()
    {
        RuleForEach(tools => tools.Allow).Must(ToolsSectionValidator.IsPattern).WithMessage(ToolsSectionValidator.PatternFault);
        RuleForEach(tools => tools.Deny).Must(ToolsSectionValidator.IsPattern).WithMessage(ToolsSectionValidator.PatternFault);
    }
}
