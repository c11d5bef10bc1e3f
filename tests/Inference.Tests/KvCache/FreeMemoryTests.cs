using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Tests.KvCache;

public sealed class FreeMemoryTests
{
    [Fact]
    public void Bytes_OfThisMachine_IsSomeAndNoMoreThanAll() => Assert.InRange(FreeMemory.Bytes(), 1 << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    [Theory]
    [InlineData("MemAvailable:   12345 kB", true, 12345L << 10)]
    [InlineData("MemFree:        12345 kB", false, 0)]
    [InlineData("MemAvailable:   many kB", false, 0)]
    [InlineData("MemAvailable:", false, 0)]
    public void TryReadAvailable_FindsTheLine(string line, bool found, long bytes)
    {
        Assert.Equal(found, FreeMemory.TryReadAvailable(["MemTotal: 99999 kB", line], out var actual));
        Assert.Equal(bytes, actual);
    }
}
