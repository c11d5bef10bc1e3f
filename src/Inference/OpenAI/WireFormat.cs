using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouterGateway.Inference.OpenAI;

/// <summary>How JSON is written on the wire.</summary>
internal static class WireFormat
{
    /// <summary>Letters of all scripts stand as they are, not as escapes: the answers are UTF-8 and no HTML.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
