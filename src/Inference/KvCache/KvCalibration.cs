using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouterGateway.Inference.KvCache;

/// <summary>What the channels of a model's KV cache hold at most, seen over a text: from it come the scales of a quantised cache.</summary>
/// <param name="ModelHash">Names the model by its content.</param>
/// <param name="Tokens">Tokens that were looked at.</param>
/// <param name="AbsMax">By name of the present output, as in <c>present.0.key</c>.</param>
internal sealed record KvCalibration(string ModelHash, int Tokens, IReadOnlyDictionary<string, KvChannels> AbsMax)
{
    /// <summary>The file in the model's folder.</summary>
    public const string FileName = "kv_calibration.json";

    /// <summary>Reads the calibration of a folder; null when it has none, or one of another model.</summary>
    public static KvCalibration? TryRead(string folder, string modelHash)
    {
        try
        {
            var read = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), KvCalibrationContext.Default.KvCalibration);
            return read?.ModelHash == modelHash && read.AbsMax is not null && read.AbsMax.Values.All(static channels => channels is { Heads: > 0, Values.Length: > 0 } && channels.Values.Length % channels.Heads == 0)
                ? read
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it into a folder, whole or not at all.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public string Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var partial = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(this, KvCalibrationContext.Default.KvCalibration));
            File.Move(partial, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}

/// <summary>The largest absolute values of the channels of one cache tensor.</summary>
/// <param name="Heads">How many heads it has.</param>
/// <param name="Values">[heads, width], row-major.</param>
internal sealed record KvChannels(int Heads, float[] Values);

/// <summary>Generated metadata of <see cref="KvCalibration"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KvCalibration))]
internal sealed partial class KvCalibrationContext : JsonSerializerContext;
