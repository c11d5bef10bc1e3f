using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RouterGateway.Inference.Onnx;

/// <summary>Names the files of a model by their content, wherever they lie.</summary>
internal static class ModelFileHash
{
    // Gigabytes of weights would hold up a start for seconds. Two fine-tunings of one model differ in every block of their weights.
    private const long ReadWholeBytes = 64L << 20;
    private const int Samples = 256;
    private const int SampleBytes = 64 << 10;

    /// <summary>Lists a graph and its external data: model.onnx, model.onnx_data, model.onnx_data_1, model.onnx.data, ...</summary>
    public static IEnumerable<string> WithExternalData(string modelPath) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(modelPath)!, Path.GetFileName(modelPath) + "*").Order(StringComparer.Ordinal);

    /// <summary>Hashes files in order: small ones whole, of large ones the length and blocks from beginning to end.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Compute(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = new byte[sizeof(long)];
        foreach (var path in files)
        {
            using var file = File.OpenRead(path);
            BinaryPrimitives.WriteInt64LittleEndian(length, file.Length);
            hash.AppendData(length);
            if (file.Length <= ReadWholeBytes)
            {
                hash.AppendData(SHA256.HashData(file));
            }
            else
            {
                AppendSamples(hash, file);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendSamples(IncrementalHash hash, FileStream file)
    {
        var sample = new byte[SampleBytes];
        for (var i = 0; i < Samples; i++)
        {
            file.Position = (file.Length - SampleBytes) / (Samples - 1) * i;
            hash.AppendData(sample, 0, file.ReadAtLeast(sample, SampleBytes, throwOnEndOfStream: false));
        }
    }
}
