namespace RouterGateway.Router.Routes.Source;

/// <summary>A member of an object.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Offset">Offset of the first byte of the key.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct SourceProperty(string Name, int Offset, SourceNode Value);
