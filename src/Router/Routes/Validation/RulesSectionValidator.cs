using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks keywords and patterns.</summary>
internal sealed class RulesSectionValidator : SectionValidator<RulesSection>
{
    public RulesSectionValidator()
    {
        RuleForEach(rules => rules.Keywords).Must(static keyword => !string.IsNullOrWhiteSpace(keyword)).WithMessage("must not be empty");
        RuleForEach(rules => rules.Regex).Custom(static (pattern, context) =>
        {
            if (string.IsNullOrEmpty(pattern))
            {
                context.AddFailure("must not be empty");
            }
            else if (!RulePattern.TryCreate(pattern, out _, out var fault))
            {
                context.AddFailure($"is not a regular expression: {FaultPath.Printable(fault)}");
            }
        });
    }
}
