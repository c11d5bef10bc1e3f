namespace RouterGateway.Router.Redis;

/// <summary>A write that waits.</summary>
/// <param name="Kind">Which kind of value; null = a receipt.</param>
/// <param name="Id">Its name; unused in a receipt.</param>
/// <param name="Value">What is written.</param>
/// <param name="TimeToLive">How long it stays; unused in a receipt.</param>
/// <param name="MostReceipts">About how many receipts stay; 0 in a value.</param>
/// <param name="Flushes">How often the store had been flushed when it was written: a value from before is not written after.</param>
internal readonly record struct RedisWrite(RedisKind? Kind, Digest Id, byte[] Value, TimeSpan TimeToLive, int MostReceipts, int Flushes);
