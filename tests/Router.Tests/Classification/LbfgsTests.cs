using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class LbfgsTests
{
    [Fact]
    public void Minimise_IllConditionedQuadratic_FindsTheMinimum()
    {
        float[] point = [5, -3, 8];

        Lbfgs.Minimise(point, static (at, gradient) =>
        {
            var value = 0.0;
            for (var i = 0; i < at.Length; i++)
            {
                var (weight, distance) = ((float)Math.Pow(20, i), at[i] - i);
                gradient[i] = 2 * weight * distance;
                value += weight * distance * distance;
            }

            return value;
        });

        Assert.Equal([0, 1, 2], point, static (wanted, found) => Math.Abs(wanted - found) < 1e-2);
    }

    [Fact]
    public void Minimise_FlatFunction_LeavesThePoint()
    {
        float[] point = [1, 2];

        Lbfgs.Minimise(point, static (_, gradient) =>
        {
            Array.Clear(gradient);
            return 3;
        });

        Assert.Equal([1, 2], point);
    }
}
