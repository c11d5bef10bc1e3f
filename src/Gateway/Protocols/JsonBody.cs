using System.Text.Json;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Protocols;

/// <summary>The body of a request that is read whole as one JSON document.</summary>
internal static class JsonBody
{
    /// <summary>Reads the body of a request.</summary>
    /// <returns>The document, which the caller disposes, or why it is refused; never both.</returns>
    public static async ValueTask<(JsonDocument? Document, GatewayFailure? Failure)> ReadAsync(HttpContext context, int maxBytes)
    {
        var (body, failure) = await RequestBody.ReadAsync(context.Request, maxBytes, context.RequestAborted);
        using (body)
        {
            if (body is null)
            {
                return (null, failure);
            }

            if (body.Length == 0)
            {
                return (null, new GatewayFailure(GatewayError.InvalidJson, "The request body is empty. Send a JSON object."));
            }

            try
            {
                return JsonUnicode.IsValid(body.Bytes.Span)
                    ? (JsonDocument.Parse(body.Bytes.ToArray(), new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth }), null)
                    : (null, new GatewayFailure(GatewayError.InvalidRequest, $"The request body holds {JsonUnicode.Fault}."));
            }
            catch (JsonException e)
            {
                return (null, new GatewayFailure(GatewayError.InvalidJson, $"The request body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {ChatRequestReader.Explain(e)}"));
            }
        }
    }
}
