using System.Numerics.Tensors;

namespace RouterGateway.Router.Classification;

/// <summary>Limited-memory BFGS for smooth convex functions, deterministic.</summary>
internal static class Lbfgs
{
    private const int Memory = 8;
    private const int MostIterations = 40;
    private const double RelativeProgress = 2e-4;

    /// <summary>A function to minimise.</summary>
    /// <param name="at">Where.</param>
    /// <param name="gradient">Receives its gradient there.</param>
    /// <returns>Its value there.</returns>
    public delegate double Function(float[] at, float[] gradient);

    /// <summary>Moves a point to the minimum.</summary>
    public static void Minimise(float[] point, Function function)
    {
        var gradient = new float[point.Length];
        var value = function(point, gradient);
        var history = new LinkedList<(float[] Step, float[] Turn, double Curvature)>();
        var (next, nextGradient) = (new float[point.Length], new float[point.Length]);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            var direction = Direction(gradient, history);
            var slope = (double)TensorPrimitives.Dot<float>(direction, gradient);
            if (!(slope < -1e-14))
            {
                return;
            }

            if (!TrySearch(function, point, direction, value, slope, iteration == 0 ? Math.Min(1, 1 / TensorPrimitives.Norm<float>(gradient)) : 1, next, nextGradient, out var nextValue))
            {
                return;
            }

            Remember(history, point, gradient, next, nextGradient);
            var progress = value - nextValue;
            next.CopyTo(point, 0);
            nextGradient.CopyTo(gradient, 0);
            value = nextValue;
            if (progress <= RelativeProgress * Math.Max(Math.Abs(value), 1e-3))
            {
                return;
            }
        }
    }

    // Halves the step until the value falls enough (Armijo).
    private static bool TrySearch(
        Function function, float[] point, float[] direction, double value, double slope, double step, float[] next, float[] nextGradient, out double nextValue)
    {
        for (var halvings = 0; halvings < 20; halvings++, step /= 2)
        {
            TensorPrimitives.MultiplyAdd(direction, (float)step, point, next);
            nextValue = function(next, nextGradient);
            if (nextValue <= value + (1e-4 * step * slope))
            {
                return true;
            }
        }

        nextValue = value;
        return false;
    }

    private static void Remember(LinkedList<(float[] Step, float[] Turn, double Curvature)> history, float[] point, float[] gradient, float[] next, float[] nextGradient)
    {
        var isFull = history.Count == Memory;
        var (step, turn) = isFull ? (history.First!.Value.Step, history.First.Value.Turn) : (new float[point.Length], new float[point.Length]);
        if (isFull)
        {
            history.RemoveFirst(); // its arrays are used again
        }

        TensorPrimitives.Subtract(next, point, step);
        TensorPrimitives.Subtract(nextGradient, gradient, turn);
        var curvature = (double)TensorPrimitives.Dot<float>(step, turn);
        if (curvature > 1e-12)
        {
            history.AddLast((step, turn, curvature));
        }
    }

    // The two-loop recursion: the inverse Hessian of the last steps, applied to the gradient.
    private static float[] Direction(float[] gradient, LinkedList<(float[] Step, float[] Turn, double Curvature)> history)
    {
        var direction = new float[gradient.Length];
        TensorPrimitives.Negate<float>(gradient, direction);
        var shares = new Stack<double>();
        for (var node = history.Last; node is not null; node = node.Previous)
        {
            var share = TensorPrimitives.Dot<float>(node.Value.Step, direction) / node.Value.Curvature;
            shares.Push(share);
            TensorPrimitives.MultiplyAdd(node.Value.Turn, (float)-share, direction, direction);
        }

        if (history.Last is { Value: var newest })
        {
            TensorPrimitives.Multiply(direction, (float)(newest.Curvature / TensorPrimitives.SumOfSquares<float>(newest.Turn)), direction);
        }

        for (var node = history.First; node is not null; node = node.Next)
        {
            var share = shares.Pop() - (TensorPrimitives.Dot<float>(node.Value.Turn, direction) / node.Value.Curvature);
            TensorPrimitives.MultiplyAdd(node.Value.Step, (float)share, direction, direction);
        }

        return direction;
    }
}
