using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Tests.Decisions;

public sealed class DecisionOutcomeExtensionsTests
{
    [Fact]
    public void ToHeaderValue_EveryOutcome_IsOfTheClosedSet() => Assert.Equal(
        ["classified", "scored", "rule", "pinned", "session", "cache", "default-low-confidence", "default-timeout", "default-error", "default-overload"],
        Enum.GetValues<DecisionOutcome>().Select(static o => o.ToHeaderValue()));
}
