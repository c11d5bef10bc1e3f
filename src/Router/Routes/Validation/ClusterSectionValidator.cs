using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks one cluster.</summary>
internal sealed class ClusterSectionValidator : SectionValidator<ClusterSection>
{
    public ClusterSectionValidator(string folder)
    {
        RuleFor(cluster => cluster.Embedded!).SetValidator(new EmbeddedSectionValidator(folder));
        RuleFor(cluster => cluster.Credentials!).SetValidator(new CredentialsSectionValidator());
        RuleFor(cluster => cluster.Timeouts!).SetValidator(new TimeoutsSectionValidator());
        RuleFor(cluster => cluster).Custom(static (cluster, context) =>
        {
            if (cluster.Embedded is null == cluster.Destinations is null)
            {
                context.AddFailure(new ValidationFailure("", "needs either \"embedded\" or \"destinations\""));
            }

            if (cluster.Embedded is not null && cluster.KvCache is not null)
            {
                context.AddFailure("KvCache", "belongs inside \"embedded\" for an embedded model");
            }
        });
        RuleFor(cluster => cluster.Destinations).Custom(static (destinations, context) =>
        {
            foreach (var (name, address) in destinations ?? new Dictionary<string, string?>())
            {
                if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
                {
                    context.AddFailure(new ValidationFailure(FaultPath.Member("destinations", name), "must be an address such as \"http://gpu-0:8000/\""));
                }
                else if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
                {
                    context.AddFailure(new ValidationFailure(FaultPath.Member("destinations", name), "must not hold a user, a query or a fragment; secrets belong in \"credentials\""));
                }
            }
        });
    }
}
