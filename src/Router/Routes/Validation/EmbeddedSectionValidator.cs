using FluentValidation;
using RouterGateway.Inference;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks an embedded model and its folder.</summary>
internal sealed class EmbeddedSectionValidator : SectionValidator<EmbeddedSection>
{
    public EmbeddedSectionValidator(string folder)
    {
        RuleFor(embedded => embedded.Model).Custom((model, context) =>
        {
            if (!string.IsNullOrWhiteSpace(model) && ModelFolder.GenerationFault(folder, model) is { } fault)
            {
                context.AddFailure(fault);
            }
        });
        RuleFor(embedded => embedded.QueueTimeout).Custom((timeout, context) =>
        {
            if (timeout > InferenceServerOptions.LongestQueueTimeout)
            {
                context.AddFailure($"must be at most {InferenceServerOptions.LongestQueueTimeout.TotalHours}h");
            }
        });
    }
}
