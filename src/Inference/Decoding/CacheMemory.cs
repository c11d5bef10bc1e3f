using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Decoding;

/// <summary>Zeroed memory for a tensor of a KV cache on the CPU. Of the operating system it costs nothing until it is written to, so that
/// capacity that is not used is free.</summary>
internal sealed unsafe partial class CacheMemory : IDisposable
{
    // mmap(2) and madvise(2)
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateAnonymous = 0x4022; // MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    private const int DontNeed = 4; // MADV_DONTNEED

    private readonly TensorElementType _type;
    private byte* _start;

    /// <param name="type">Element type.</param>
    /// <param name="count">How many.</param>
    public CacheMemory(TensorElementType type, long count)
    {
        (_type, ElementBytes) = (type, SizeOf(type));
        Bytes = count * ElementBytes;
        _start = CanRelease ? Map(Bytes) : (byte*)NativeMemory.AllocZeroed((nuint)Bytes);
    }

    /// <summary>Size of all of it.</summary>
    public long Bytes { get; }

    /// <summary>Size of an element.</summary>
    public int ElementBytes { get; }

    /// <summary>Makes a tensor of the beginning of it; the caller owns the tensor and disposes of it before the memory.</summary>
    public OrtValue CreateTensor(params long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, _type, shape, (nint)_start, shape.Aggregate((long)ElementBytes, static (product, size) => product * size));

    /// <summary>Some of its elements.</summary>
    public Span<T> Elements<T>(long start, int count)
        where T : unmanaged => new((T*)_start + start, count);

    /// <summary>Copies elements, to this memory or another of the type; the places may overlap.</summary>
    public void Copy(long start, CacheMemory to, long toStart, long count) => Buffer.MemoryCopy(
        _start + (start * ElementBytes), to._start + (toStart * ElementBytes), to.Bytes - (toStart * ElementBytes), count * ElementBytes);

    /// <summary>Whether <see cref="Release"/> does anything on this system.</summary>
    public static bool CanRelease => OperatingSystem.IsLinux();

    /// <summary>Gives whole pages of some elements back to the operating system; they are zeros again.</summary>
    public void Release(long start, long count)
    {
        var page = Environment.SystemPageSize;
        var (first, end) = ((nint)_start + (nint)(start * ElementBytes), (nint)_start + (nint)((start + count) * ElementBytes));
        (first, end) = ((first + page - 1) / page * page, end / page * page);
        if (end > first && CanRelease)
        {
            _ = Advise(first, (nuint)(end - first), DontNeed); // a refusal costs memory and nothing else
        }
    }

    /// <summary>Converts elements of float32 or float16.</summary>
    public void ReadFloats(long start, Span<float> values)
    {
        if (_type == TensorElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(Elements<Half>(start, values.Length), values);
            return;
        }

        if (_type != TensorElementType.Float)
        {
            throw new NotSupportedException($"A KV cache of {_type} cannot be read.");
        }

        Elements<float>(start, values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_start is not null && CanRelease)
        {
            _ = Unmap((nint)_start, (nuint)Bytes);
        }
        else
        {
            NativeMemory.Free(_start);
        }

        _start = null;
    }

    /// <summary>Bytes of an element of a KV cache.</summary>
    public static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.Float => 4,
        TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        _ => 1,
    };

    // Not calloc, which clears memory that was used before all at once, and keeps what is freed.
    private static byte* Map(long bytes)
    {
        var start = Map(0, (nuint)bytes, ReadWrite, PrivateAnonymous, -1, 0);
        return start == -1 ? throw new InsufficientMemoryException($"There is no room for {bytes} bytes of KV cache.") : (byte*)start;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint start, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint bytes, int advice);
}
