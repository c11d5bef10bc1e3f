using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using RouterGateway.Inference;

namespace RouterGateway.Router.Routes.Source;

[Description("A model that the gateway serves itself, in a child process.")]
internal sealed record EmbeddedSection
{
    [Required]
    [Description("Folder of the model (model.onnx, or embed_tokens*.onnx with decoder_model_merged*.onnx), relative to this file.")]
    public string? Model { get; init; }

    [AllowedValues("auto", "int8", "int4", "int8-per-token-head", "none")]
    [DefaultValue("auto")]
    [Description("How the KV cache is stored; auto is as the model has it. Otherwise its graph is edited as it is loaded; for int8 and int4 it is calibrated first, once (int8 keeps a model's answers, int4 does not). int8-per-token-head scales every key and value by itself, is the most exact, and is slower the longer the context is; on the CPU only.")]
    public string? KvCache { get; init; }

    [AllowedValues("auto", "cuda", "cpu")]
    [DefaultValue("auto")]
    [Description("Where the model runs; auto takes a GPU when there is one.")]
    public string? Device { get; init; }

    [Range(1, InferenceServerOptions.MostSequences)]
    [Description("Most sequences generated at a time.")]
    public int? MaxSequences { get; init; }

    [Range(0, InferenceServerOptions.LargestQueue)]
    [DefaultValue(64)]
    [Description("Most requests that wait for their turn besides; more are refused with 503.")]
    public int? MaxQueue { get; init; }

    [DefaultValue("60s")]
    [Description("How long a request waits for its turn before it is refused with 503; a day (\"24h\") at most.")]
    public TimeSpan? QueueTimeout { get; init; }

    [Range(1, 1L << 50)]
    [Description("Memory for the KV caches of all sequences, in bytes; by default room for all at full length, within half of what is free.")]
    public long? KvPoolBytes { get; init; }
}
