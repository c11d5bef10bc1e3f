using System.Net;
using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks where tools may lead.</summary>
internal sealed class ToolNetworkSectionValidator : SectionValidator<ToolNetworkSection>
{
    public ToolNetworkSectionValidator()
    {
        RuleForEach(network => network.Schemes).Must(static scheme => scheme is "http" or "https").WithMessage("must be \"https\" or \"http\"");
        RuleForEach(network => network.Ports).InclusiveBetween(1, 65_535).WithMessage("must be from 1 to 65535");
        RuleForEach(network => network.Allow).Must(static allowed => Uri.CheckHostName(allowed ?? "") != UriHostNameType.Unknown || IPNetwork.TryParse(allowed, out _))
            .WithMessage("must be a host name, an address, or a network such as \"10.1.2.0/24\"");
    }
}
