using FluentValidation;
using FluentValidation.Results;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks the file, its sections, and what they say about each other.</summary>
internal sealed class RoutesFileValidator : SectionValidator<RoutesFile>
{
    public RoutesFileValidator(string folder)
    {
        var clusterValidator = new ClusterSectionValidator(folder);
        RuleFor(file => file.Router!).SetValidator(new RouterSectionValidator(folder));
        RuleFor(file => file.Decisions!).SetValidator(new DecisionsSectionValidator());
        RuleFor(file => file.Tools!).SetValidator(new ToolsSectionValidator());
        RuleForEach(file => file.Routes as IEnumerable<RouteSection>).SetValidator(new RouteSectionValidator());
        RuleFor(file => file.Clusters).Custom((clusters, context) =>
        {
            foreach (var (id, cluster) in clusters ?? new Dictionary<string, ClusterSection?>())
            {
                var path = FaultPath.Member("clusters", id);
                CheckClusterId(id, path, context);
                foreach (var failure in cluster is null ? [] : clusterValidator.Validate(cluster).Errors)
                {
                    context.AddFailure(new ValidationFailure(failure.PropertyName.Length == 0 ? path : $"{path}.{FaultPath.FromProperty(failure.PropertyName)}", failure.ErrorMessage));
                }
            }
        });
        RuleFor(file => file).Custom(CheckReferences);
        RuleFor(file => file).Custom(CheckDuplicates);
    }

    private static void CheckClusterId(string id, string path, ValidationContext<RoutesFile> context)
    {
        if (!Names.IsValid(id))
        {
            context.AddFailure(new ValidationFailure(path, $"\"{FaultPath.Printable(id)}\" must be lower-case letters, digits, dot, dash and underscore, and start with a letter or digit"));
        }
        else if (Names.Reserved.Contains(id))
        {
            context.AddFailure(new ValidationFailure(path, $"\"{id}\" is reserved: callers write it to be classified"));
        }
    }

    private static void CheckReferences(RoutesFile file, ValidationContext<RoutesFile> context)
    {
        var routeIds = (file.Routes ?? []).Select(static r => r?.Id).OfType<string>().Distinct().ToArray();
        var clusterIds = (file.Clusters?.Keys ?? []).ToArray();
        RequireDefined("router.defaultRoute", file.Router?.DefaultRoute, routeIds);
        for (var i = 0; i < (file.Routes?.Count ?? 0); i++)
        {
            RequireDefined($"routes[{i}].cluster", file.Routes![i]?.Cluster, clusterIds);
            for (var j = 0; j < (file.Routes[i]?.Fallbacks?.Count ?? 0); j++)
            {
                RequireDefined($"routes[{i}].fallbacks[{j}]", file.Routes[i]!.Fallbacks![j], routeIds);
            }
        }

        void RequireDefined(string path, string? id, string[] defined)
        {
            if (!string.IsNullOrWhiteSpace(id) && !defined.Contains(id))
            {
                context.AddFailure(new ValidationFailure(path, $"\"{FaultPath.Printable(id)}\" is not defined{Spelling.Hint(id, defined)}"));
            }
        }
    }

    private static void CheckDuplicates(RoutesFile file, ValidationContext<RoutesFile> context)
    {
        var routeOfId = new Dictionary<string, int>(StringComparer.Ordinal);
        var routeOfExample = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < (file.Routes?.Count ?? 0); i++)
        {
            if (file.Routes![i]?.Id is { } id && !routeOfId.TryAdd(id, i))
            {
                context.AddFailure(new ValidationFailure($"routes[{i}].id", $"\"{FaultPath.Printable(id)}\" is the id of routes[{routeOfId[id]}] already"));
            }

            for (var j = 0; j < (file.Routes[i]?.Examples?.Count ?? 0); j++)
            {
                if (file.Routes[i]!.Examples![j]?.Trim() is { Length: > 0 } example && !routeOfExample.TryAdd(example, i) && routeOfExample[example] != i)
                {
                    context.AddFailure(new ValidationFailure($"routes[{i}].examples[{j}]", $"is an example of routes[{routeOfExample[example]}] already"));
                }
            }
        }
    }
}
