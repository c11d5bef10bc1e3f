using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks the section <c>router</c>.</summary>
internal sealed class RouterSectionValidator : SectionValidator<RouterSection>
{
    public RouterSectionValidator(string folder)
    {
        RuleFor(router => router.Classifier).Custom((classifier, context) =>
        {
            if (classifier is not null && ModelFolder.EmbeddingFault(folder, classifier) is { } fault)
            {
                context.AddFailure(fault);
            }
        });
        RuleFor(router => router.Scorer).Custom((scorer, context) =>
        {
            if (scorer is not null && ModelFolder.ScorerFault(folder, scorer) is { } fault)
            {
                context.AddFailure(fault);
            }
        });
    }
}
