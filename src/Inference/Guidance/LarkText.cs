using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouterGateway.Inference.Guidance;

/// <summary>Writes parts of Lark grammars.</summary>
internal static class LarkText
{
    /// <summary>A literal that stands for exactly that text.</summary>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
