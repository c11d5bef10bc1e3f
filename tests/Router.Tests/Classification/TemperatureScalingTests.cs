using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class TemperatureScalingTests
{
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.7)]
    public void Fit_OverconfidentLogits_BringsThemDownToTheAccuracy(double accuracy)
    {
        var held = Enumerable.Range(0, 1_000).Select(i => (Logits: new double[] { 6, 0 }, Label: i < 1_000 * accuracy ? 0 : 1)).ToArray();

        var temperature = TemperatureScaling.Fit(held).Temperature;

        Assert.Equal(accuracy, 1 / (1 + Math.Exp(-6 / temperature)), 1e-2);
    }

    [Fact]
    public void Fit_FewExamplesAllRight_IsNotCertain()
    {
        var held = Enumerable.Range(0, 20).Select(static _ => (Logits: new double[] { 4, 0 }, Label: 0)).ToArray();

        var temperature = TemperatureScaling.Fit(held).Temperature;

        Assert.InRange(1 / (1 + Math.Exp(-4 / temperature)), 0.9, 0.97);
    }
}
