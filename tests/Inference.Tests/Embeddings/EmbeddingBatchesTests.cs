using RouterGateway.Inference.Embeddings;

namespace RouterGateway.Inference.Tests.Embeddings;

public sealed class EmbeddingBatchesTests
{
    [Fact]
    public void Divide_InputsOfManyLengths_TakesEachOnceWithinTheBounds()
    {
        var random = new Random(5);
        var inputs = Enumerable.Range(0, 500).Select(_ => new int[1 + random.Next(2000)]).ToArray();

        var batches = EmbeddingBatches.Divide(inputs, 32);

        Assert.Equal(Enumerable.Range(0, inputs.Length), batches.SelectMany(static batch => batch).Order());
        Assert.All(batches, batch => Assert.InRange(batch.Length, 1, 32));
        Assert.All(batches, batch => Assert.True(batch.Length * batch.Max(i => inputs[i].Length) <= 4096));
    }

    [Fact]
    public void Divide_AnInputLongerThanARunShouldBe_IsARunByItself()
    {
        var batches = EmbeddingBatches.Divide([new int[5000], new int[3], new int[8000], new int[4]], 32);

        Assert.Equal([[1, 3], [0], [2]], batches);
    }

    [Theory]
    [InlineData("int8", 1)]
    [InlineData("q8", 1)]
    [InlineData("uint8", 1)]
    [InlineData("fp32", 32)]
    [InlineData("q4", 32)]
    [InlineData(null, 32)]
    public void RowsPerRun_ArithmeticThatLooksAtAllRows_IsGivenOne(string? dtype, int rows)
    {
        Assert.Equal(rows, EmbeddingBatches.RowsPerRun(dtype));
    }
}
