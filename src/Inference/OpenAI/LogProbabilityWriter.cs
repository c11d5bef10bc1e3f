using System.Buffers;
using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Writes how likely the tokens of an answer were, in OpenAI's shape.</summary>
internal sealed class LogProbabilityWriter(BpeTokenizer tokenizer)
{
    private const double Unlikely = -9999; // what OpenAI says of tokens that are out of the question: JSON has no infinity

    private readonly ArrayBufferWriter<byte> _bytes = new(32);

    /// <summary>Writes the member "content".</summary>
    public void Write(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        json.WriteStartArray("content");
        foreach (var token in tokens)
        {
            WriteToken(json, token.Id, token.LogProbability);
            json.WriteStartArray("top_logprobs");
            foreach (var likely in token.Likeliest)
            {
                WriteToken(json, likely.Id, likely.LogProbability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // The object stays open. Its text is no more than a help where a token is a part of a character: its bytes are exact.
    private void WriteToken(Utf8JsonWriter json, int id, float logProbability)
    {
        _bytes.ResetWrittenCount();
        tokenizer.WriteBytes(id, skipSpecial: false, _bytes);
        json.WriteStartObject();
        json.WriteString("token", Encoding.UTF8.GetString(_bytes.WrittenSpan));
        json.WriteNumber("logprob", float.IsFinite(logProbability) ? logProbability : Unlikely);
        json.WriteStartArray("bytes");
        foreach (var value in _bytes.WrittenSpan)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
