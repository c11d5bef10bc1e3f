using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Decoding;

/// <summary>The keys, or the values, of one layer: int8 and scales, heads so many rows apart as there is room for.</summary>
internal sealed class QuantisedTensor : IDisposable
{
    private const float Least = 1e-8f; // of a row of zeros

    private readonly string _name;
    private readonly string _present;
    private readonly TensorElementType _type;
    private readonly int _heads;
    private readonly int _width;
    private readonly CacheMemory _values;
    private readonly CacheMemory _scales;
    private readonly float[] _row;
    private readonly int[] _rounded;
    private OrtValue? _valuesTensor;
    private OrtValue? _scalesTensor;
    private OrtValue? _newRows;

    /// <param name="decoder">The model.</param>
    /// <param name="present">Its output.</param>
    /// <param name="capacityTokens">Most tokens.</param>
    public QuantisedTensor(Decoder decoder, string present, int capacityTokens)
    {
        var past = decoder.Contract.PastInputs.First(past => past.Name.EndsWith(QuantisedPast.ValuesSuffix, StringComparison.Ordinal) && DecoderContract.PresentOf(past.TensorName) == present);
        (_name, _present, _type) = (past.TensorName, present, decoder.Session.OutputMetadata[present].ElementDataType);
        (_heads, _width) = ((int)past.Shape[1], (int)past.Shape[3]);
        _values = new CacheMemory(TensorElementType.Int8, (long)_heads * capacityTokens * _width);
        _scales = new CacheMemory(TensorElementType.Float, (long)_heads * capacityTokens);
        (_row, _rounded) = (new float[_width], new int[_width]);
    }

    /// <summary>Binds the inputs.</summary>
    public void Bind(OrtIoBinding? binding)
    {
        if (_valuesTensor is not null && binding is not null)
        {
            binding.BindInput(_name + QuantisedPast.ValuesSuffix, _valuesTensor);
            binding.BindInput(_name + QuantisedPast.ScaleSuffix, _scalesTensor);
        }
    }

    /// <summary>Frees what only runs need.</summary>
    public void Rest()
    {
        _newRows?.Dispose();
        _newRows = null;
    }

    /// <summary>Moves the heads.</summary>
    /// <param name="from">How many rows a head had.</param>
    /// <param name="to">How many it is to have.</param>
    /// <param name="held">How many of them count.</param>
    public void SetRows(int from, int to, int held)
    {
        for (var i = 1; i < _heads && held > 0; i++)
        {
            var head = to > from ? _heads - i : i; // so that no head is written over before it was moved
            CopyHead(head, this, from, to, held);
        }

        _valuesTensor?.Dispose();
        _scalesTensor?.Dispose();
        _valuesTensor = _values.CreateTensor(1, _heads, to, _width);
        _scalesTensor = _scales.CreateTensor(1, _heads, to, 1);
    }

    /// <summary>Binds the output of a number of new rows.</summary>
    public void SetNewRows(OrtIoBinding binding, int rows)
    {
        _newRows?.Dispose();
        _newRows = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _type, [1, _heads, rows, _width]);
        binding.BindOutput(_present, _newRows);
    }

    /// <summary>Rounds the new rows and puts them behind the others.</summary>
    public void Append(int rows, int held, int count)
    {
        for (var head = 0; head < _heads; head++)
        {
            for (var row = 0; row < count; row++)
            {
                var at = ((long)head * rows) + held + row;
                _scales.Elements<float>(at, 1)[0] = Quantise(((head * count) + row) * _width, _values.Elements<sbyte>(at * _width, _width));
            }
        }
    }

    /// <summary>Copies the first rows of every head.</summary>
    public void CopyTo(QuantisedTensor other, int rows, int otherRows, int count)
    {
        for (var head = 0; head < _heads; head++)
        {
            CopyHead(head, other, rows, otherRows, count);
        }
    }

    /// <summary>Multiplies out the first rows of every head.</summary>
    /// <returns>Number of heads.</returns>
    public int Read(int rows, int count, out float[] values)
    {
        values = new float[_heads * count * _width];
        for (var i = 0; i < _heads * count; i++)
        {
            var at = ((long)(i / count) * rows) + (i % count);
            var row = values.AsSpan(i * _width, _width);
            TensorPrimitives.ConvertChecked<sbyte, float>(_values.Elements<sbyte>(at * _width, _width), row);
            TensorPrimitives.Multiply(row, _scales.Elements<float>(at, 1)[0], row);
        }

        return _heads;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _valuesTensor?.Dispose();
        _scalesTensor?.Dispose();
        _newRows?.Dispose();
        _values.Dispose();
        _scales.Dispose();
    }

    private void CopyHead(int head, QuantisedTensor to, int fromRows, int toRows, int count)
    {
        var (from, at) = ((long)head * fromRows, (long)head * toRows);
        _values.Copy(from * _width, to._values, at * _width, (long)count * _width);
        _scales.Copy(from, to._scales, at, count);
    }

    // Returns the scale.
    private float Quantise(int start, Span<sbyte> values)
    {
        if (_type == TensorElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(_newRows!.GetTensorDataAsSpan<Float16>().Slice(start, _width)), _row);
        }
        else
        {
            _newRows!.GetTensorDataAsSpan<float>().Slice(start, _width).CopyTo(_row);
        }

        var scale = Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude<float>(_row)), Least) / sbyte.MaxValue;
        TensorPrimitives.Divide(_row, scale, _row);
        TensorPrimitives.Round<float>(_row, _row);
        TensorPrimitives.ConvertToInteger<float, int>(_row, _rounded);
        TensorPrimitives.ConvertTruncating<int, sbyte>(_rounded, values);
        return scale;
    }
}
