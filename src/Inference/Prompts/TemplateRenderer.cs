using System.Text.Json;
using Microsoft.ML.OnnxRuntimeGenAI;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Prompts;

/// <summary>Renders the chat template of a model folder without loading its model.</summary>
/// <remarks>
/// ONNX Runtime GenAI has the template engine, but gives it out with a loaded model only. So it is given a model of one node in a
/// folder of its own: no weights are loaded twice, and folders of which GenAI cannot load the model (two graphs) work too.
/// </remarks>
internal static class TemplateRenderer
{
    // What templates may refer to by name.
    private static readonly string[] _tokenNames = ["bos_token", "eos_token", "pad_token", "unk_token"];

    /// <summary>Renders what the template writes before and after the content of a user's only message.</summary>
    /// <exception cref="ModelFolderException">The template cannot be rendered.</exception>
    public static (string Before, string After) RenderAround(string folder, string template, BpeTokenizer tokenizer)
    {
        using var chat = new ChatTemplate(template, Open(folder), tokenizer);
        try
        {
            return chat.RenderAround();
        }
        catch (ChatTemplateException e)
        {
            throw new ModelFolderException(folder, null, $"its chat template cannot be rendered ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>Opens the template engine with the token names of a folder; the caller owns it.</summary>
    /// <exception cref="ModelFolderException">The token names are broken.</exception>
    public static Tokenizer Open(string folder)
    {
        NativeRuntime.EnsureEnvironment();
        var stub = Directory.CreateTempSubdirectory("chat-template-").FullName;
        try
        {
            WriteStub(stub, folder);
            using var model = new Model(stub);
            return new Tokenizer(model); // which outlives it
        }
        catch (OnnxRuntimeGenAIException e)
        {
            throw new ModelFolderException(folder, "tokenizer_config.json", $"cannot be used for the chat template ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }
        finally
        {
            Directory.Delete(stub, recursive: true);
        }
    }

    private static void WriteStub(string stub, string folder)
    {
        var graph = OnnxProto.Message(
            ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node("Cast", ["input_ids"], ["logits"], "", OnnxProto.Attribute("to", OnnxProto.Float))),
            ProtoField.Of(2, "stub"),
            ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value("input_ids", OnnxProto.Int64, -1, -1)),
            ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value("logits", OnnxProto.Float, -1, -1)));
        File.WriteAllBytes(Path.Combine(stub, "model.onnx"), OnnxProto.Model(graph).ToBytes());
        File.WriteAllText(Path.Combine(stub, "genai_config.json"), """
            {"model":{"type":"gemma","bos_token_id":0,"eos_token_id":0,"pad_token_id":0,"context_length":8,"vocab_size":1,
             "decoder":{"filename":"model.onnx","head_size":1,"hidden_size":1,"num_attention_heads":1,"num_hidden_layers":1,"num_key_value_heads":1,
             "session_options":{"log_severity_level":4},"inputs":{"input_ids":"input_ids"},"outputs":{"logits":"logits"}}},"search":{"max_length":8}}
            """);
        File.WriteAllText(Path.Combine(stub, "tokenizer.json"), """{"version":"1.0","added_tokens":[],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""");
        File.WriteAllText(Path.Combine(stub, "tokenizer_config.json"), WriteTokenNames(Path.Combine(folder, "tokenizer_config.json")));
    }

    private static string WriteTokenNames(string config)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            if (File.Exists(config))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(config)); // read before, for the template
                foreach (var name in _tokenNames)
                {
                    if (document.RootElement.TryGetProperty(name, out var token) && TextOf(token) is { } spelling)
                    {
                        json.WriteString(name, spelling);
                    }
                }
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    // "<bos>" or {"content":"<bos>", ...}
    private static string? TextOf(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.GetString(),
        JsonValueKind.Object when token.TryGetProperty("content", out var content) => content.GetString(),
        _ => null,
    };
}
