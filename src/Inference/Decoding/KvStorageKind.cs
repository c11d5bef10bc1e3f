namespace RouterGateway.Inference.Decoding;

/// <summary>How sequences of a decoder hold their KV cache.</summary>
internal enum KvStorageKind
{
    /// <summary>Every run gives a new cache, longer than the one before: any graph.</summary>
    Growing,

    /// <summary>One buffer per tensor that every run writes into: a graph that knows how much of it is past.</summary>
    SharedBuffers,

    /// <summary>int8 with a scale for every token and head; a run reads it and gives the new rows in its own type.</summary>
    QuantisedRows,
}
