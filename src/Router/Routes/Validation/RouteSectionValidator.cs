using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks one route by itself.</summary>
internal sealed class RouteSectionValidator : SectionValidator<RouteSection>
{
    public RouteSectionValidator()
    {
        RuleFor(route => route.Rules!).SetValidator(new RulesSectionValidator());
        RuleFor(route => route.Tools!).SetValidator(new RouteToolsSectionValidator());
        RuleForEach(route => route.Examples).Must(IsText).WithMessage("must not be empty");
        RuleForEach(route => route.CounterExamples).Must(IsText).WithMessage("must not be empty");
        RuleForEach(route => route.Fallbacks).Must(IsText).WithMessage("must not be empty");
        RuleFor(route => route.Id).Custom(static (id, context) =>
        {
            if (Names.Reserved.Contains(id))
            {
                context.AddFailure($"\"{id}\" is reserved: callers write it to be classified");
            }
        });
        RuleFor(route => route).Custom(static (route, context) =>
        {
            if (route.Examples is null or [] && route.ExamplesFile is null)
            {
                context.AddFailure("Examples", "are missing: give some here or in \"examplesFile\"");
            }
        });
        RuleFor(route => route).Custom(CheckFallbacks);
    }

    private static bool IsText(string? text) => !string.IsNullOrWhiteSpace(text);

    private static void CheckFallbacks(RouteSection route, ValidationContext<RouteSection> context)
    {
        for (var i = 0; i < (route.Fallbacks?.Count ?? 0); i++)
        {
            if (IsText(route.Fallbacks![i]) && route.Fallbacks[i] == route.Id)
            {
                context.AddFailure($"Fallbacks[{i}]", "is the route itself");
            }
            else if (route.Fallbacks.Take(i).Contains(route.Fallbacks[i]))
            {
                context.AddFailure($"Fallbacks[{i}]", "is listed twice");
            }
        }
    }
}
