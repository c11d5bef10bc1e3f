using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Writes the answer to POST /v1/embeddings.</summary>
internal sealed class EmbeddingsWriter(PipeWriter body, string model)
{
    private const int FlushBytes = 64 << 10; // thousands of embeddings are tens of megabytes

    /// <summary>Writes the whole answer.</summary>
    /// <param name="embeddings">[rows, dimension], row-major.</param>
    /// <param name="rows">1 or more.</param>
    /// <param name="isBase64">Whether as base64 of little-endian float32.</param>
    /// <param name="promptTokens">Tokens of all inputs.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task WriteAsync(ReadOnlyMemory<float> embeddings, int rows, bool isBase64, int promptTokens, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(body, WireFormat.WriterOptions);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        var dimension = embeddings.Length / rows;
        var bytes = new byte[isBase64 ? dimension * sizeof(float) : 0];
        for (var row = 0; row < rows; row++)
        {
            WriteRow(json, row, embeddings.Span.Slice(row * dimension, dimension), bytes);
            if (json.BytesPending + body.UnflushedBytes > FlushBytes)
            {
                await json.FlushAsync(cancellationToken);
                await body.FlushAsync(cancellationToken);
            }
        }

        json.WriteEndArray();
        json.WriteString("model", model);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", promptTokens);
        json.WriteNumber("total_tokens", promptTokens);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        await body.FlushAsync(cancellationToken);
    }

    // "bytes" has room for a row, or for nothing when numbers are wanted.
    private static void WriteRow(Utf8JsonWriter json, int index, ReadOnlySpan<float> embedding, Span<byte> bytes)
    {
        json.WriteStartObject();
        json.WriteString("object", "embedding");
        json.WriteNumber("index", index);
        if (bytes.IsEmpty)
        {
            json.WriteStartArray("embedding");
            foreach (var value in embedding)
            {
                json.WriteNumberValue(value); // the shortest text that reads back as the same float
            }

            json.WriteEndArray();
        }
        else
        {
            for (var i = 0; i < embedding.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], embedding[i]);
            }

            json.WriteBase64String("embedding", bytes);
        }

        json.WriteEndObject();
    }
}
