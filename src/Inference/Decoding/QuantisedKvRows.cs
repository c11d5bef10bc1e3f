using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

/// <summary>int8 with a scale for every token and head, which this side writes: a run reads all rows, multiplied out layer by layer, and gives
/// its new ones in the type of the model's activations.</summary>
/// <remarks>
/// The tensors have room for the new rows, and a little more, so that a run adds to them where they lie, and heads are moved apart once in
/// many tokens. They are no longer than that, as a run multiplies out all of their rows. Tokens that are read together see each other before
/// they are rounded.
/// </remarks>
internal sealed class QuantisedKvRows : IKvStorage
{
    private const int RoomTokens = 64;

    private readonly int _capacity;
    private readonly QuantisedTensor[] _tensors;
    private OrtIoBinding? _binding;
    private int _rows;
    private int _newRows;

    public QuantisedKvRows(Decoder decoder, int capacityTokens)
    {
        _capacity = capacityTokens;
        _tensors = Array.ConvertAll(decoder.Contract.PresentOutputs, present => new QuantisedTensor(decoder, present, capacityTokens));
    }

    /// <inheritdoc/>
    public bool TakesAllMemory => false;

    /// <inheritdoc/>
    public void Bind(OrtIoBinding binding)
    {
        _binding = binding;
        Array.ForEach(_tensors, tensor => tensor.Bind(binding));
    }

    /// <inheritdoc/>
    public void Rest()
    {
        (_binding, _newRows) = (null, 0);
        Array.ForEach(_tensors, static tensor => tensor.Rest());
    }

    /// <inheritdoc/>
    public void Prepare(int heldTokens, int newTokens)
    {
        Reserve(heldTokens, newTokens);
        if (newTokens != _newRows)
        {
            Array.ForEach(_tensors, tensor => tensor.SetNewRows(_binding!, newTokens));
            _newRows = newTokens;
        }
    }

    /// <inheritdoc/>
    public void Take(int heldTokens, int newTokens) => Array.ForEach(_tensors, tensor => tensor.Append(_rows, heldTokens, newTokens));

    /// <inheritdoc/>
    public void Cut(int heldTokens, int tokens)
    {
    }

    /// <inheritdoc/>
    public void LeaveWindow(int first, int end)
    {
    }

    /// <inheritdoc/>
    public void CopyTo(IKvStorage copy, int tokens, int left)
    {
        var other = (QuantisedKvRows)copy;
        other.Reserve(0, tokens);
        for (var i = 0; i < _tensors.Length; i++)
        {
            _tensors[i].CopyTo(other._tensors[i], _rows, other._rows, tokens);
        }
    }

    /// <inheritdoc/>
    public int Read(int index, int tokens, out float[] values) => _tensors[index].Read(_rows, tokens, out values);

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_tensors, static tensor => tensor.Dispose());

    private void Reserve(int heldTokens, int newTokens)
    {
        var rows = Math.Min((heldTokens + newTokens + RoomTokens - 1) / RoomTokens * RoomTokens, _capacity);
        if (rows != _rows)
        {
            Array.ForEach(_tensors, tensor => tensor.SetRows(_rows, rows, heldTokens));
            _rows = rows;
            Array.ForEach(_tensors, tensor => tensor.Bind(_binding));
        }
    }
}
