using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks the clocks of a cluster: nothing beyond what the type of a duration says.</summary>
internal sealed class TimeoutsSectionValidator : SectionValidator<TimeoutsSection>;
