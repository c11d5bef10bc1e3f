namespace RouterGateway.Router.Redis;

/// <summary>A row of the <see cref="SharedTable"/>.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">What it holds; any bytes.</param>
/// <param name="LeaseUntil">When it expires unless it is renewed, kept to the millisecond; null = it stays until somebody removes it.</param>
public sealed record SharedRow(string Key, byte[] Value, DateTimeOffset? LeaseUntil);
